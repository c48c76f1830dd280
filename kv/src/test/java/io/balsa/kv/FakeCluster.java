package io.balsa.kv;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

import io.balsa.raft.Completion;
import io.balsa.raft.Outcome;
import io.balsa.raft.RaftNode;
import io.balsa.raft.RaftStatus;
import io.balsa.raft.ReadCompletion;
import io.balsa.raft.core.Role;
import io.balsa.raft.spi.Durability;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.spi.Storage;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A group that agrees at once: one log, one state machine for each member, one thread that applies. It can be told to
 * misbehave in every way the engine's contract allows.
 */
final class FakeCluster implements AutoCloseable {
    /** What becomes of a command that is offered to the leader. */
    enum Fate {
        /** Logged and answered. */
        COMMIT,
        /** Logged, but the answer is that nobody can tell. */
        COMMIT_AND_LOSE,
        /** Not logged, and the answer is that nobody can tell. */
        LOSE,
        /** Logged after the next command, and the answer is that nobody can tell. */
        LOSE_AND_COMMIT_LATE,
        /** Logged, and no answer at all. */
        COMMIT_IN_SILENCE,
        REFUSE_NOT_LEADER,
        REFUSE_OVERLOADED,
        /** Refused before anything is taken. */
        REFUSE_AT_ONCE,
        REFUSE_DISK_FULL
    }

    private static final int NOBODY = Outcome.Rejected.NO_LEADER;

    final List<KvStateMachine> machines = new ArrayList<>();
    final Queue<Fate> fates = new ConcurrentLinkedQueue<>();
    final AtomicInteger offered = new AtomicInteger();
    private final AtomicReferenceArray<String> advertised;
    private final ExecutorService loop =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("fake-loop").factory());
    private final List<DirectBuffer> late = new ArrayList<>();
    private volatile int leader;
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile long applied;

    FakeCluster(int members) {
        this(members, Sessions.Bounds.DEFAULT);
    }

    FakeCluster(int members, Sessions.Bounds bounds) {
        advertised = new AtomicReferenceArray<>(members);
        for (int i = 0; i < members; i++) {
            machines.add(new KvStateMachine(bounds));
            advertised.set(i, "");
        }
    }

    void advertise(int member, String address) {
        advertised.set(member, address);
    }

    void lead(int member) {
        leader = member;
    }

    void leadNobody() {
        leader = NOBODY;
    }

    /** Nothing is applied or answered until the gate is opened. */
    void shutGate() {
        gate = new CountDownLatch(1);
    }

    void openGate() {
        gate.countDown();
    }

    /** Waits until everything offered so far has met its fate. */
    void awaitIdle() throws InterruptedException, ExecutionException {
        loop.submit(() -> { }).get();
    }

    long applied() {
        return applied;
    }

    Replica member(int id) {
        return new Replica() {
            @Override
            public int offer(DirectBuffer buffer, int offset, int length, Completion<KvReply> completion) {
                return FakeCluster.this.offer(id, copy(buffer, offset, length), completion);
            }

            @Override
            public int offerRead(ReadCompletion completion) {
                loop.execute(() -> {
                    pass();
                    if (leader == id) {
                        completion.onReadable(applied);
                    } else {
                        completion.onNotReadable(Outcome.Reason.NOT_LEADER, leader);
                    }
                });
                return RaftNode.ACCEPTED;
            }

            @Override
            public RaftStatus status() {
                return FakeCluster.this.status(id);
            }

            @Override
            public CompletableFuture<Long> takeSnapshot() {
                return CompletableFuture.failedFuture(new RaftException("this member has no disk"));
            }

            @Override
            public SnapshotStore snapshots() {
                throw new RaftException("this member has no disk");
            }

            @Override
            public Storage.Standing standing() {
                return Storage.Standing.VOTER;
            }
        };
    }

    private int offer(int id, DirectBuffer command, Completion<KvReply> completion) {
        if (loop.isShutdown()) {
            return RaftNode.STOPPED;
        }
        if (leader == id && fates.peek() == Fate.REFUSE_AT_ONCE) {
            fates.poll();
            return RaftNode.OVERLOADED;
        }
        loop.execute(() -> {
            pass();
            if (leader != id) {
                completion.onRejected(Outcome.Reason.NOT_LEADER, leader);
                return;
            }
            final Fate fate = Optional.ofNullable(fates.poll()).orElse(Fate.COMMIT);
            switch (fate) {
                case COMMIT -> completion.onCommitted(applied + 1, apply(id, command));
                case COMMIT_AND_LOSE -> {
                    apply(id, command);
                    completion.onIndeterminate(Outcome.Cause.LEADERSHIP_LOST);
                }
                case LOSE -> completion.onIndeterminate(Outcome.Cause.LEADERSHIP_LOST);
                case LOSE_AND_COMMIT_LATE -> {
                    late.add(command);
                    completion.onIndeterminate(Outcome.Cause.LEADERSHIP_LOST);
                }
                case COMMIT_IN_SILENCE -> apply(id, command);
                case REFUSE_NOT_LEADER -> completion.onRejected(Outcome.Reason.NOT_LEADER, NOBODY);
                case REFUSE_OVERLOADED, REFUSE_AT_ONCE -> completion.onRejected(Outcome.Reason.OVERLOADED, id);
                case REFUSE_DISK_FULL -> completion.onRejected(Outcome.Reason.DISK_FULL, id);
            }
            if (fate != Fate.LOSE_AND_COMMIT_LATE) {
                late.forEach(lateCommand -> apply(id, lateCommand));
                late.clear();
            }
        });
        offered.incrementAndGet();
        return RaftNode.ACCEPTED;
    }

    private KvReply apply(int id, DirectBuffer command) {
        final long index = applied + 1; // this thread alone writes it
        applied = index;
        KvReply own = null;
        for (int i = 0; i < machines.size(); i++) {
            final KvReply reply = machines.get(i).apply(index, 1, command, 0, command.capacity());
            own = i == id ? reply : own;
        }
        return own;
    }

    private void pass() {
        try {
            gate.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private RaftStatus status(int id) {
        final List<RaftStatus.Peer> peers = new ArrayList<>();
        for (int i = 0; i < machines.size(); i++) {
            if (i != id) {
                peers.add(new RaftStatus.Peer(i, applied, applied + 1, true, true, advertised.get(i)));
            }
        }
        return new RaftStatus(id, leader == id ? Role.LEADER : Role.FOLLOWER, 7, leader, applied, applied, applied,
            applied, true, 0xBA15AL, Durability.FORCED, Optional.empty(), 1, Collections.unmodifiableList(peers), 0, 0,
            RaftStatus.Snapshots.NONE, RaftStatus.StateCheck.NONE, RaftStatus.SlowApplies.NONE, List.of(),
            Optional.empty());
    }

    private static DirectBuffer copy(DirectBuffer buffer, int offset, int length) {
        final byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        return new UnsafeBuffer(bytes);
    }

    @Override
    public void close() {
        openGate();
        loop.shutdownNow();
    }
}
