package io.balsa.benchmarks;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.balsa.raft.Completion;
import io.balsa.raft.Outcome;
import io.balsa.raft.RaftNode;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Commits a second with a fixed number of commands under way, offered by one thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class CommitThroughput {
    private static final int COMMITS = 4096;

    /** Commands under way at once. */
    @Param({"1", "16", "64", "256", "1024"})
    public int outstanding;

    @Benchmark
    @OperationsPerInvocation(COMMITS)
    public void commits(Leader leader) {
        final Pipeline pipeline = new Pipeline(outstanding);
        for (int offered = 0; offered < COMMITS; offered++) {
            pipeline.awaitRoom(offered);
            if (leader.node().offer(leader.command(), 0, leader.bytes, pipeline) != RaftNode.ACCEPTED) {
                throw new IllegalStateException("refused with " + offered + " offered");
            }
        }
        pipeline.awaitAll(COMMITS);
    }

    /** Counts answers and wakes the offering thread when there is room for half the window, or all have come. */
    private static final class Pipeline implements Completion<Void> {
        private final Thread offering = Thread.currentThread();
        private final int outstanding;
        private volatile int committed;
        private volatile int wakeAt = Integer.MAX_VALUE;
        private volatile String failure;

        Pipeline(int outstanding) {
            this.outstanding = outstanding;
        }

        void awaitRoom(int offered) {
            if (offered - committed >= outstanding) {
                await(offered - outstanding + Math.max(1, outstanding / 2));
            }
        }

        void awaitAll(int count) {
            await(count);
        }

        private void await(int count) {
            wakeAt = count;
            while (committed < count) {
                if (failure != null) {
                    throw new IllegalStateException(failure);
                }
                LockSupport.park(this);
            }
            wakeAt = Integer.MAX_VALUE;
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // one writer, the loop thread
        public void onCommitted(long index, Void reply) {
            final int count = committed + 1;
            committed = count;
            if (count >= wakeAt) {
                LockSupport.unpark(offering);
            }
        }

        @Override
        public void onRejected(Outcome.Reason reason, int leaderHint) {
            fail("rejected: " + reason);
        }

        @Override
        public void onIndeterminate(Outcome.Cause cause) {
            fail("indeterminate: " + cause);
        }

        private void fail(String what) {
            failure = what;
            LockSupport.unpark(offering);
        }
    }
}
