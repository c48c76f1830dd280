package io.balsa.raft.spi;

/** Everything durable of one node, opened and locked as one directory. */
public interface Storage extends AutoCloseable {
    /**
     * Who this directory belongs to.
     *
     * @param clusterId equal on all members, in every frame
     * @param nodeId    this member
     * @param storeId   random, drawn when the directory was formatted: a wiped directory has another one
     * @param voter     false for a directory that was formatted without a bootstrap: it may have forgotten votes, so it
     *                  follows but neither votes nor counts
     */
    record Identity(long clusterId, int nodeId, long storeId, boolean voter) {
    }

    Identity identity();

    /**
     * Names this run of the process: a counter kept in the directory, raised and forced at every open (high 32 bits),
     * above a random value (low 32 bits). Of two runs of one store, the later has the greater value.
     */
    long boot();

    VoteStore votes();

    RaftLog log();

    /** Closes the log and gives the directory free. */
    @Override
    void close();
}
