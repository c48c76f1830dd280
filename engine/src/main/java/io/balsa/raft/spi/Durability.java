package io.balsa.raft.spi;

/**
 * When an entry counts: for what a follower acknowledges, and for what a leader takes as its own vote. Chosen once for
 * a whole group, when its directories are formatted. Term and vote are forced in both.
 */
public enum Durability {
    /** Once it is forced to the disk. What is acknowledged survives that all servers lose their power at once. */
    FORCED,
    /**
     * Once it is in the log's memory; the force follows behind. What is acknowledged survives as long as only a
     * minority of the servers ends without a clean stop: such a server neither votes nor counts until it has caught up
     * with a majority of the others. If more end so at once, there is no quorum until an operator asks for an unsafe
     * recovery.
     */
    MEMORY_QUORUM
}
