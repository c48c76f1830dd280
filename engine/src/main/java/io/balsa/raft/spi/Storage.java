package io.balsa.raft.spi;

/** Everything durable of one node, opened and locked as one directory. */
public interface Storage extends AutoCloseable {
    /** What a directory remembers of what its server promised to the group. */
    enum Standing {
        /** All of it: its server votes, and what it holds counts. */
        VOTER,
        /**
         * Nothing it could know of: formatted without a bootstrap, so that a server of this name may have voted before.
         * Its server follows, neither votes nor counts, and stays so.
         */
        FOLLOWER,
        /**
         * Term and vote, but not the entries that were acknowledged: being rebuilt from the peers. Its server neither
         * votes nor counts until it durably holds all that a majority without it has confirmed.
         */
        REBUILDING,
        /**
         * Nothing, and being rebuilt: as {@link #REBUILDING}, and it votes again only above the terms of all other
         * members, each of which must have answered: some vote of its own is forgotten.
         */
        VOTE_LOST
    }

    /**
     * Who this directory belongs to.
     *
     * @param clusterId equal on all members, in every frame
     * @param nodeId    this member
     * @param storeId   random, drawn when the directory was formatted: a wiped directory has another one
     * @param standing  as of when the directory was opened; {@link VoteStore#promote} may have raised it since
     */
    record Identity(long clusterId, int nodeId, long storeId, Standing standing) {
        /** @param voter whether the whole group is being founded; else {@link Standing#FOLLOWER} */
        public Identity(long clusterId, int nodeId, long storeId, boolean voter) {
            this(clusterId, nodeId, storeId, voter ? Standing.VOTER : Standing.FOLLOWER);
        }

        public boolean voter() {
            return standing == Standing.VOTER;
        }
    }

    Identity identity();

    /**
     * Names this run of the process: a counter kept in the directory, raised and forced at every open (high 32 bits),
     * above a random value (low 32 bits). Of two runs of one store, the later has the greater value.
     */
    long boot();

    VoteStore votes();

    RaftLog log();

    SnapshotStore snapshots();

    /** Closes the log and gives the directory free. */
    @Override
    void close();
}
