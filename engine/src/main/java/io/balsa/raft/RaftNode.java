package io.balsa.raft;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.spi.Storage;
import io.balsa.raft.spi.Threads;
import io.balsa.raft.spi.TimerSlack;
import io.balsa.raft.spi.Transport;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One member of a Raft group, embedded in this process. Any thread may call it; blocking calls are made for virtual
 * threads. All consensus work happens on one platform thread at a time, of two that the node starts and owns: while the
 * state machine takes its time in one of them, the other goes on with everything else.
 *
 * @param <R> the state machine's result
 */
public final class RaftNode<R> implements AutoCloseable {
    /** {@link #offer}: taken; the completion will be told. */
    public static final int ACCEPTED = 1;
    /** {@link #offer}: too much is under way; nothing was taken. */
    public static final int OVERLOADED = -1;
    /** {@link #offer}: longer than {@link RaftConfig#maxCommandBytes()}; nothing was taken. */
    public static final int TOO_LARGE = -2;
    /** {@link #offer}: the node is closed or has stopped; nothing was taken. */
    public static final int STOPPED = -3;

    private static final long STATUS_TIMEOUT_MS = 1_000;
    private static final long STATUS_POLL_NS = 20_000;
    /** One writes snapshots, one reads them to be sent, one receives them. */
    private static final int OFF_LOOP_THREADS = 3;
    private static final Executor VIRTUAL = task -> Thread.ofVirtual().start(task);

    private final RaftAgent<R> agent;
    private final OffLoopVotes votes;
    private final ThreadPoolExecutor offLoop;
    private final Thread first;
    private final Thread second;
    private final String name;
    private final long patienceNs;
    private final LoopIdle idle;
    private volatile Thread loop;
    private volatile Applier.Slow told;
    private volatile String toldTrouble;
    private volatile String toldQuorum;

    private volatile boolean running = true;
    private final long startedNs = System.nanoTime();
    private final AtomicLong statusAsked = new AtomicLong();
    private volatile long statusAnswered;
    private volatile RaftStatus status;
    private volatile boolean ended;

    private RaftNode(RaftConfig config, Storage storage, Transport transport, StateMachine<R> stateMachine) {
        name = "balsa-" + config.nodeId();
        offLoop = new ThreadPoolExecutor(OFF_LOOP_THREADS, OFF_LOOP_THREADS, 10, TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(), Thread.ofPlatform().name(name + "-snapshot-", 1).daemon().factory());
        offLoop.allowCoreThreadTimeOut(true); // most of the time there is nothing to do
        votes = new OffLoopVotes(storage.votes(), transport, "balsa-" + config.nodeId() + "-vote");
        agent = new RaftAgent<>(config, new WithVotes(storage, votes), transport, stateMachine,
            this::runOffLoop, new SplittableRandom(), nowNs(), this::nowNs);
        status = agent.status();
        patienceNs = config.heartbeatInterval().toNanos() / 2;
        first = Thread.ofPlatform().name(name + "-loop").unstarted(this::run);
        second = Thread.ofPlatform().name(name + "-watch").unstarted(this::run);
        loop = first;
        idle = new LoopIdle(first, config.thrifty(), agent::hasArrivals);
    }

    /** System.nanoTime() may be negative; the core's clock may not. */
    private long nowNs() {
        return System.nanoTime() - startedNs;
    }

    /**
     * Starts a node. It owns {@code storage} and {@code transport} from here on and closes them with itself, also when
     * starting fails.
     *
     * @throws RaftException when storage, transport and configuration do not belong together
     */
    public static <R> RaftNode<R> start(RaftConfig config, Storage storage, Transport transport,
                                        StateMachine<R> stateMachine) {
        try {
            final RaftNode<R> node = new RaftNode<>(config, storage, transport, stateMachine);
            node.startThreads();
            return node;
        } catch (RuntimeException | Error e) {
            try {
                transport.close();
            } finally {
                storage.close();
            }
            throw e;
        }
    }

    private void startThreads() {
        votes.start();
        try {
            second.start();
            first.start(); // last: from here on it is the loop that closes everything
        } catch (Error e) { // no memory for a thread
            ended = true;
            LockSupport.unpark(second);
            votes.close();
            throw e;
        }
    }

    private void runOffLoop(Runnable task) {
        offLoop.execute(() -> {
            task.run();
            idle.wake();
        });
    }

    private void run() {
        TimerSlack.lower();
        boolean drives = Thread.currentThread() == first;
        while (drives ? drive() : watch()) {
            drives = !drives;
        }
    }

    /**
     * Takes the loop from a call of the state machine that has lasted for half a heartbeat interval: a leader that
     * waited for it would be silent and soon deposed, a follower would vote for nobody and acknowledge nothing. Looks
     * twice as often, so that the silence ends before a heartbeat is missed.
     *
     * @return whether the calling thread is the loop now; false: the node has ended
     */
    private boolean watch() {
        Thread.currentThread().setName(name + "-watch");
        long call = Baton.FREE;
        long sinceNs = 0;
        while (!ended) {
            LockSupport.parkNanos(this, patienceNs / 2);
            Thread.interrupted(); // the state machine may have left the mark, with which no park lasts
            tellOfSlowApplies();
            tellOfSnapshots();
            tellOfTheQuorum();
            final long seen = agent.baton().call();
            if (seen != call) {
                call = seen;
                sinceNs = System.nanoTime();
            } else if (seen != Baton.FREE && System.nanoTime() - sinceNs >= patienceNs && agent.baton().take(seen)) {
                loop = Thread.currentThread();
                idle.belongsToMe();
                Thread.currentThread().setName(name + "-loop");
                return true;
            }
        }
        return false;
    }

    /** Here, since the loop must not wait for wherever messages go. */
    private void tellOfSlowApplies() {
        final Applier.Slow slow = agent.slowApply();
        if (slow != told) {
            told = slow;
            System.getLogger(RaftNode.class.getName()).log(System.Logger.Level.WARNING, name + ": the state machine "
                + "took " + slow.tookNs() / 1_000_000 + " ms " + (slow.freezing() ? "to freeze its state after"
                    : "over") + " entry " + slow.index() + ": that costs no heartbeat, but whoever waits for commands "
                + "applied here waited as long; make it faster" + (slow.freezing() ? "" : ", or the commands smaller"));
        }
    }

    /** Once, however often the same is tried again. */
    private void tellOfSnapshots() {
        final String trouble = agent.snapshotTrouble();
        if (trouble != null && !trouble.equals(toldTrouble)) {
            System.getLogger(RaftNode.class.getName()).log(System.Logger.Level.WARNING, name + ": " + trouble);
        }
        toldTrouble = trouble;
    }

    private void tellOfTheQuorum() {
        final String trouble = agent.quorumTrouble();
        if (trouble != null && !trouble.equals(toldQuorum)) {
            System.getLogger(RaftNode.class.getName()).log(System.Logger.Level.WARNING, name + ": " + trouble);
            toldQuorum = trouble;
        }
    }

    /** Runs duty cycles. Returns true when the loop was taken away, false when the node has ended. */
    private boolean drive() {
        String failure = null;
        try {
            while (running) {
                final long cycleNs = nowNs();
                final int work = agent.doWork(cycleNs);
                if (work == RaftAgent.LOOP_IS_GONE) {
                    idle.wake(); // whoever has it now: what came of the call is ready
                    return true;
                }
                final long asked = statusAsked.get();
                if (asked > statusAnswered) {
                    status = agent.status();
                    statusAnswered = asked;
                }
                idle.idle(work, cycleNs + startedNs);
            }
        } catch (RuntimeException | Error e) {
            failure = report(e);
        }
        running = false;
        end(failure);
        return false;
    }

    private void end(String failure) {
        try {
            if (agent.heldUpAt() != 0) {
                System.getLogger(RaftNode.class.getName()).log(System.Logger.Level.WARNING, name + " closes, and waits "
                    + "for the state machine, which is still at entry " + agent.heldUpAt());
            }
            if (failure == null) {
                agent.close();
            } else {
                agent.fail(failure);
            }
        } catch (RuntimeException | Error e) {
            final String notClosed = report(e);
            agent.fail(failure == null ? notClosed : failure); // closed as far as can be: this only keeps the reason
        } finally {
            offLoop.shutdown(); // the storage is closed: what still runs comes to its end by itself
            status = agent.status();
            ended = true;
            LockSupport.unpark(loop == first ? second : first);
        }
    }

    private String report(Throwable e) {
        final String failure = e instanceof RaftException ? e.getMessage() : e.toString();
        System.getLogger(RaftNode.class.getName()).log(System.Logger.Level.ERROR,
            "node " + status.nodeId() + " stops: " + failure, e instanceof RaftException ? null : e);
        return failure;
    }

    /** Proposes a command and waits until it is applied here, refused, or {@code timeout} has passed. */
    public Outcome<R> propose(DirectBuffer buffer, int offset, int length, Duration timeout) {
        final Waiter.ForCommit<R> waiter = new Waiter.ForCommit<>();
        final int code = offer(buffer, offset, length, waiter);
        if (code != ACCEPTED) {
            return new Outcome.Rejected<>(reason(code), Outcome.Rejected.NO_LEADER);
        }
        final Outcome<R> outcome = waiter.await(timeout);
        if (outcome != null) {
            return outcome;
        }
        return new Outcome.Indeterminate<>(
            Thread.currentThread().isInterrupted() ? Outcome.Cause.INTERRUPTED : Outcome.Cause.TIMEOUT);
    }

    /** As {@link #propose(DirectBuffer, int, int, Duration)}. */
    public Outcome<R> propose(byte[] command, Duration timeout) {
        return propose(new UnsafeBuffer(command), 0, command.length, timeout);
    }

    /**
     * The same without waiting. The command's bytes are copied before this returns. Never completes exceptionally;
     * completes on a virtual thread, so what is chained to it may block.
     */
    public CompletableFuture<Outcome<R>> proposeAsync(byte[] command) {
        final CompletableFuture<Outcome<R>> future = new CompletableFuture<>();
        final int code = offer(new UnsafeBuffer(command), 0, command.length, new Completion<>() {
            @Override
            public void onCommitted(long index, R reply) {
                complete(new Outcome.Committed<>(index, reply));
            }

            @Override
            public void onRejected(Outcome.Reason reason, int leaderHint) {
                complete(new Outcome.Rejected<>(reason, leaderHint));
            }

            @Override
            public void onIndeterminate(Outcome.Cause cause) {
                complete(new Outcome.Indeterminate<>(cause));
            }

            private void complete(Outcome<R> outcome) {
                future.completeAsync(() -> outcome, VIRTUAL);
            }
        });
        if (code != ACCEPTED) {
            future.complete(new Outcome.Rejected<>(reason(code), Outcome.Rejected.NO_LEADER));
        }
        return future;
    }

    /**
     * The same without allocation. The command's bytes are copied before this returns. Commands offered by one thread
     * enter the log in the order offered; after one was rejected a later one may still be accepted.
     *
     * @return {@link #ACCEPTED}, {@link #OVERLOADED}, {@link #TOO_LARGE} or {@link #STOPPED}
     */
    public int offer(DirectBuffer buffer, int offset, int length, Completion<R> completion) {
        final int code = agent.offer(buffer, offset, length, completion);
        idle.wake();
        return code;
    }

    /**
     * Waits until the state machine on this node shows every command committed before this call: what is read from it
     * after this returns {@link ReadOutcome.Readable} is linearizable (ReadIndex, thesis §6.4). Only a leader that a
     * majority confirmed after the call began can say so; a follower answers {@link Outcome.Reason#NOT_LEADER}.
     */
    public ReadOutcome awaitReadable(Duration timeout) {
        final Waiter.ForRead waiter = new Waiter.ForRead();
        final int code = offerRead(waiter);
        if (code != ACCEPTED) {
            return new ReadOutcome.NotReadable(reason(code), Outcome.Rejected.NO_LEADER);
        }
        final ReadOutcome outcome = waiter.await(timeout);
        return outcome == null ? new ReadOutcome.TimedOut() : outcome;
    }

    /** The same without waiting; never completes exceptionally; completes on a virtual thread. */
    public CompletableFuture<ReadOutcome> readableAsync() {
        final CompletableFuture<ReadOutcome> future = new CompletableFuture<>();
        final int code = offerRead(new ReadCompletion() {
            @Override
            public void onReadable(long readIndex) {
                future.completeAsync(() -> new ReadOutcome.Readable(readIndex), VIRTUAL);
            }

            @Override
            public void onNotReadable(Outcome.Reason reason, int leaderHint) {
                future.completeAsync(() -> new ReadOutcome.NotReadable(reason, leaderHint), VIRTUAL);
            }
        });
        if (code != ACCEPTED) {
            future.complete(new ReadOutcome.NotReadable(reason(code), Outcome.Rejected.NO_LEADER));
        }
        return future;
    }

    /**
     * The same without allocation.
     *
     * @return {@link #ACCEPTED}, {@link #OVERLOADED} or {@link #STOPPED}
     */
    public int offerRead(ReadCompletion completion) {
        final int code = agent.offerRead(completion);
        idle.wake();
        return code;
    }

    private static Outcome.Reason reason(int code) {
        return switch (code) {
            case TOO_LARGE -> Outcome.Reason.TOO_LARGE;
            case STOPPED -> Outcome.Reason.STOPPED;
            default -> Outcome.Reason.OVERLOADED;
        };
    }

    /**
     * Writes the state as it is now to a snapshot, beside whatever else goes on, and lets the log go up to there.
     *
     * @return completes with the index of the last entry that the newest snapshot stands for, or exceptionally with a
     *         {@link RaftException} that says why none was taken; on a virtual thread, so what is chained to it may
     *         block
     */
    public CompletableFuture<Long> takeSnapshot() {
        final CompletableFuture<Long> taken = new CompletableFuture<>();
        agent.takeSnapshot().whenCompleteAsync((index, failure) -> {
            if (failure == null) {
                taken.complete(index);
            } else {
                taken.completeExceptionally(failure);
            }
        }, VIRTUAL);
        idle.wake();
        return taken;
    }

    /**
     * Begins anew to count how long the stages of a command take ({@link RaftStatus#stages}), within a heartbeat
     * interval: for whoever wants to know it of a load that begins now.
     */
    public void restartStages() {
        agent.restartStages();
    }

    /** The node as it sees itself now, or as it last did if it has stopped or does not answer within a second. */
    public RaftStatus status() {
        final long asked = statusAsked.incrementAndGet();
        idle.wake();
        final long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(STATUS_TIMEOUT_MS);
        final boolean onLoop = Thread.currentThread() == loop; // in a completion: nobody else would answer
        while (statusAnswered < asked && !ended && !onLoop && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(this, STATUS_POLL_NS);
        }
        return status;
    }

    /**
     * Stops the node, answers everything under way as {@code STOPPED}, and closes storage and transport, also while the
     * state machine is in a slow call. That call is waited for last, however long it takes, so that nothing of the
     * node runs once this has returned; a line in the log says so. Called from the state machine or from a completion,
     * it returns at once.
     */
    @Override
    public void close() {
        running = false;
        idle.wake();
        if (Thread.currentThread() != first && Thread.currentThread() != second) {
            Threads.join(first);
            Threads.join(second);
        }
    }

    /** The same storage with votes forced off the loop. */
    private record WithVotes(Storage storage, OffLoopVotes votes) implements Storage {
        @Override
        public Identity identity() {
            return storage.identity();
        }

        @Override
        public long boot() {
            return storage.boot();
        }

        @Override
        public RaftLog log() {
            return storage.log();
        }

        @Override
        public SnapshotStore snapshots() {
            return storage.snapshots();
        }

        @Override
        public void close() {
            votes.close();
            storage.close();
        }
    }
}
