package io.balsa.benchmarks.rig;

import java.io.IOException;
import java.util.List;

import io.balsa.raft.RaftStatus;

/**
 * What is measured: a small replicated map on three nodes, driven by one caller. Operations under way are told apart by
 * slots, small numbers that the caller hands out and gets back in {@link Answers}.
 *
 * <p>One thread calls every method of a subject.
 */
interface Subject extends AutoCloseable {
    /** Members of every group here. */
    int NODES = 3;

    /** Starts the nodes, which may not have a leader yet; says {@code answers} what becomes of operations. */
    void start(Answers answers) throws Exception;

    /** Hands over a write; false when the subject takes no more just now, or has no leader that is known. */
    boolean propose(int slot, Command command) throws Exception;

    /** Hands over a linearizable read of one value; false as for a write. */
    default boolean read(int slot) throws Exception {
        throw new UnsupportedOperationException("no linearizable reads here");
    }

    /** Whether answers come only while the caller calls {@link #poll()}; else the caller may sleep. */
    default boolean isPolled() {
        return false;
    }

    /** Sends what was handed over, takes what answers there are; returns how much was done. */
    default int poll() {
        return 0;
    }

    /** The node that took the last write that was answered. */
    default int leader() throws Exception {
        throw new UnsupportedOperationException("not told where the nodes share a JVM");
    }

    /** Begins anew to count how long the stages of an operation take, where the system tells. */
    default void restartStages() {
    }

    /** How long the stages of an operation took, where the system tells; else empty. */
    default List<RaftStatus.Stage> stages() {
        return List.of();
    }

    /** CPU time so far of processes other than this one that belong to the subject, in nanoseconds. */
    default long otherCpuNs() {
        return 0;
    }

    @Override
    void close() throws IOException;
}
