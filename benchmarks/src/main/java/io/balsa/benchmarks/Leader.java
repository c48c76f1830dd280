package io.balsa.benchmarks;

import io.balsa.raft.RaftNode;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The leader of a fresh group of three, and a command for it. */
@State(Scope.Benchmark)
public class Leader {
    /** Command length. */
    @Param({"64", "1024"})
    public int bytes;

    private Group group;
    private RaftNode<Void> node;
    private UnsafeBuffer command;

    @Setup
    public void start() {
        group = new Group(3);
        node = group.awaitLeader();
        command = new UnsafeBuffer(new byte[bytes]);
    }

    @TearDown
    public void stop() {
        group.close();
    }

    RaftNode<Void> node() {
        return node;
    }

    UnsafeBuffer command() {
        return command;
    }
}
