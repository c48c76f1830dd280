package io.balsa.benchmarks.rig;

import java.io.IOException;

/** The nodes of a group, wherever they run. */
interface Nodes extends AutoCloseable {
    /** Starts them all; does not wait for a leader. */
    void start() throws Exception;

    /** CPU time so far of processes other than this one, in nanoseconds. */
    default long otherCpuNs() {
        return 0;
    }

    @Override
    void close() throws IOException;
}
