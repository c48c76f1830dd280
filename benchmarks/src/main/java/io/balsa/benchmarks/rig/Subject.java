package io.balsa.benchmarks.rig;

/**
 * What is measured: a small replicated map on three nodes, driven by one caller. Operations under way are told apart by
 * slots, small numbers that the caller hands out and gets back in {@link Answers}.
 *
 * <p>One thread calls every method but {@link #close()} of a subject.
 */
interface Subject extends AutoCloseable {
    /** Members of every group here. */
    int NODES = 3;

    /** Starts the nodes and returns when a leader takes commands; says {@code answers} what becomes of them. */
    void start(Answers answers) throws Exception;

    /** Hands over a write; false when the subject takes no more just now. */
    boolean propose(int slot, Command command) throws Exception;

    /** Hands over a linearizable read of one value; false when the subject takes no more just now. */
    default boolean read(int slot) throws Exception {
        throw new UnsupportedOperationException(getClass().getSimpleName() + " has no reads here; leave --reads away");
    }

    /** Whether answers come only while the caller calls {@link #poll()}; else the caller may sleep. */
    default boolean isPolled() {
        return false;
    }

    /** Takes what answers there are; returns how much was done. */
    default int poll() {
        return 0;
    }

    /** CPU time so far of processes other than this one that belong to the subject, in nanoseconds. */
    default long otherCpuNs() {
        return 0;
    }

    @Override
    void close() throws Exception;
}
