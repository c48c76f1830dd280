package io.balsa.raft.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.management.ManagementFactory;

import com.sun.management.ThreadMXBean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The core makes no garbage in steady state: 0 bytes for each committed entry, on a leader and on a follower. */
class CoreAllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int WARM_UP = 50_000;
    private static final int MEASURED = 20_000;
    private static final long STEP_NS = 10_000;

    private final Silent effects = new Silent();
    private long nowNs;

    @Test
    @DisplayName("a leader: propose, send, force, two acknowledgements, a read, commit")
    void aLeader() {
        final RaftCore core = core(2, 3);
        nowNs += 1_000_000_000;
        core.onTime(nowNs);
        core.onVote(2, 1, true, true, nowNs);
        core.onVote(2, 1, true, false, nowNs);
        lead(core, WARM_UP);
        final long before = THREADS.getCurrentThreadAllocatedBytes();
        lead(core, MEASURED);
        assertEquals(0, THREADS.getCurrentThreadAllocatedBytes() - before);
        assertEquals(1 + WARM_UP + MEASURED, core.commitIndex());
    }

    private void lead(RaftCore core, int entries) {
        for (int i = 0; i < entries; i++) {
            final long index = core.propose();
            core.requestRead();
            core.onTime(nowNs += STEP_NS);
            core.onAppendSuccess(2, 1, effects.round, index - 1, index, true, nowNs);
            core.onAppendSuccess(3, 1, effects.round, index - 1, index, true, nowNs);
            core.onPersisted(index, 1);
            core.onAppendSuccess(2, 1, effects.round, index, index, true, nowNs);
        }
    }

    @Test
    @DisplayName("a follower: append, force, acknowledge, commit")
    void aFollower() {
        final RaftCore core = core(1, 3);
        follow(core, WARM_UP);
        final long before = THREADS.getCurrentThreadAllocatedBytes();
        follow(core, MEASURED);
        assertEquals(0, THREADS.getCurrentThreadAllocatedBytes() - before);
        assertEquals(WARM_UP + MEASURED, core.commitIndex());
    }

    private void follow(RaftCore core, int entries) {
        for (int i = 0; i < entries; i++) {
            final long prev = core.lastIndex();
            core.onAppendEntries(1, 1, nowNs, prev, prev == 0 ? 0 : 1, prev, OneEntry.OF_TERM_1, nowNs);
            core.onTime(nowNs += STEP_NS);
            core.onPersisted(prev + 1, 1);
            core.onAppendEntries(1, 1, nowNs, prev + 1, 1, prev + 1, EntryBatch.NONE, nowNs);
            core.onTime(nowNs += STEP_NS);
        }
    }

    private RaftCore core(int... peers) {
        return new RaftCore(new Settings(peers[0] == 1 ? 2 : 1, peers, 300_000_000, 50_000_000, 15_000_000,
            5_000_000_000L, true, true, true, true, false, false, false), 0, RaftState.NOBODY,
            new LogTerms(), 0, effects, () -> 0, nowNs);
    }

    /** One entry of term 1. */
    private enum OneEntry implements EntryBatch {
        OF_TERM_1;

        @Override
        public int count() {
            return 1;
        }

        @Override
        public long termAt(int offset) {
            return 1;
        }
    }

    /** Takes everything and says nothing. */
    private static final class Silent implements Effects {
        private long round;

        @Override
        public void persistVote(long currentTerm, int votedFor) {
        }

        @Override
        public void append(long index, EntryBatch entries, int from) {
        }

        @Override
        public void appendNoOp(long index, long term) {
        }

        @Override
        public void truncateFrom(long index) {
        }

        @Override
        public void sendRequestVote(int to, long term, long lastLogIndex, long lastLogTerm, boolean preVote) {
        }

        @Override
        public void sendVote(int to, long term, boolean granted, boolean preVote) {
        }

        @Override
        public long sendAppendEntries(int to, long term, long aRound, long prevLogIndex, long prevLogTerm,
                                      long leaderCommit, long matchIndex, long lastIndex) {
            round = aRound;
            return lastIndex;
        }

        @Override
        public void promote(long currentTerm, int votedFor) {
            throw new AssertionError("all are voters here");
        }

        @Override
        public void sendReadmission(int to, long term, long confirmedIndex) {
            throw new AssertionError("all are voters here");
        }

        @Override
        public void resetLog(long index, long term) {
            throw new AssertionError("no snapshot is sent here");
        }

        @Override
        public void sendSnapshot(int to, long term, long nextIndex, long nowNs) {
            throw new AssertionError("no log is compacted here");
        }

        @Override
        public void sendHeartbeat(int to, long term, long aRound, long prevLogIndex, long prevLogTerm,
                                  long leaderCommit) {
            round = aRound;
        }

        @Override
        public void sendAppendSuccess(int to, long term, long aRound, long matchIndex, long verifiedIndex) {
        }

        @Override
        public void sendAppendRejection(int to, long term, long aRound, long prevLogIndex, long lastLogIndex,
                                        TermRuns runs) {
        }

        @Override
        public void commitTo(long index) {
        }

        @Override
        public void readsConfirmed(long aRound) {
        }

        @Override
        public void roleChanged(Role role, long term, int leaderId) {
        }
    }
}
