package io.balsa.raft;

import java.util.concurrent.CountDownLatch;

import io.balsa.raft.spi.Durability;
import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.Storage;
import io.balsa.raft.spi.VoteStore;
import io.balsa.raft.testkit.SimSnapshots;

/** A directory that is only memory. */
final class MemoryStorage implements Storage {
    static final long CLUSTER = 77;

    final RingLog log;
    final Votes votes;
    final SimSnapshots snapshots;
    private final Identity identity;
    private final long boot;
    volatile boolean closed;

    MemoryStorage(int nodeId, RingLog log) {
        this(nodeId, log, 1);
    }

    MemoryStorage(int nodeId, RingLog log, long run) {
        this(nodeId, log, run, Durability.FORCED);
    }

    MemoryStorage(int nodeId, RingLog log, long run, Durability durability) {
        this(new Identity(CLUSTER, nodeId, 1_000 + nodeId, true).with(durability), log, new Votes(),
            new SimSnapshots(), run);
    }

    private MemoryStorage(Identity identity, RingLog log, Votes votes, SimSnapshots snapshots, long run) {
        this.log = log;
        this.votes = votes;
        this.snapshots = snapshots;
        this.boot = run << 32 | identity.nodeId();
        this.identity = identity;
    }

    /** The same directory in the next run of the process. */
    MemoryStorage reopened() {
        return new MemoryStorage(identity, log, votes, snapshots, (boot >> 32) + 1);
    }

    @Override
    public Identity identity() {
        return identity;
    }

    @Override
    public long boot() {
        return boot;
    }

    @Override
    public VoteStore votes() {
        return votes;
    }

    @Override
    public RaftLog log() {
        return log;
    }

    @Override
    public SimSnapshots snapshots() {
        return snapshots;
    }

    @Override
    public void close() {
        log.close();
        closed = true;
    }

    /** Term and vote; a test may hold the force back, or let it fail. */
    static final class Votes implements VoteStore {
        final CountDownLatch asked = new CountDownLatch(1);
        private long term;
        private int votedFor = NOBODY;
        volatile CountDownLatch heldBack = new CountDownLatch(0);
        volatile Error failure;
        volatile long demotedFrom;

        @Override
        public synchronized long currentTerm() {
            return term;
        }

        @Override
        public synchronized int votedFor() {
            return votedFor;
        }

        @Override
        public void persist(long currentTerm, int candidateId) {
            asked.countDown();
            try {
                heldBack.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            if (failure != null) {
                throw failure;
            }
            synchronized (this) {
                term = currentTerm;
                votedFor = candidateId;
            }
        }

        @Override
        public void demote(long bootCounter) {
            demotedFrom = bootCounter;
        }

        @Override
        public void promote(long currentTerm, int candidateId) {
            persist(currentTerm, candidateId);
        }
    }
}
