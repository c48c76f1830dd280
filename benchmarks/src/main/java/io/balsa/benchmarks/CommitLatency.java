package io.balsa.benchmarks;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import io.balsa.raft.Outcome;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/** From {@code propose} to its answer at the leader, one command at a time: durable on a majority and applied. */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class CommitLatency {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    @Benchmark
    public Outcome<Void> commit(Leader leader) {
        final Outcome<Void> outcome = leader.node().propose(leader.command(), 0, leader.bytes, TIMEOUT);
        if (!(outcome instanceof Outcome.Committed)) {
            throw new IllegalStateException("not committed: " + outcome);
        }
        return outcome;
    }
}
