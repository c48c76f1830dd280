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
         * Term and vote, but not all entries that were acknowledged: it is being rebuilt from the peers, or its server
         * ended without a clean stop under {@link Durability#MEMORY_QUORUM}. Its server neither votes nor counts until
         * it holds all that a majority without it has confirmed.
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
     * @param durability when an entry counts; equal on all members
     */
    record Identity(long clusterId, int nodeId, long storeId, Standing standing, Durability durability) {
        /** Of a group whose entries count once they are forced. */
        public Identity(long clusterId, int nodeId, long storeId, Standing standing) {
            this(clusterId, nodeId, storeId, standing, Durability.FORCED);
        }

        /**
         * As above.
         *
         * @param voter whether the whole group is being founded; else {@link Standing#FOLLOWER}
         */
        public Identity(long clusterId, int nodeId, long storeId, boolean voter) {
            this(clusterId, nodeId, storeId, voter ? Standing.VOTER : Standing.FOLLOWER);
        }

        public Identity with(Standing other) {
            return new Identity(clusterId, nodeId, storeId, other, durability);
        }

        public Identity with(Durability other) {
            return new Identity(clusterId, nodeId, storeId, standing, other);
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
