package io.balsa.benchmarks;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import io.balsa.raft.Outcome;
import io.balsa.raft.RaftNode;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** From {@code propose} to its answer at the leader, one command at a time: durable on a majority and applied. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class CommitLatency {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** Command length. */
    @Param({"64", "1024"})
    public int bytes;

    private Group group;
    private RaftNode<Void> leader;
    private UnsafeBuffer command;

    @Setup
    public void start() {
        group = new Group(3);
        leader = group.awaitLeader();
        command = new UnsafeBuffer(new byte[bytes]);
    }

    @TearDown
    public void stop() {
        group.close();
    }

    @Benchmark
    public Outcome<Void> commit() {
        final Outcome<Void> outcome = leader.propose(command, 0, bytes, TIMEOUT);
        if (!(outcome instanceof Outcome.Committed)) {
            throw new IllegalStateException("not committed: " + outcome);
        }
        return outcome;
    }
}
