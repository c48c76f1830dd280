package io.balsa.raft;

import java.nio.ByteBuffer;
import java.util.Objects;

import io.balsa.raft.core.RaftCore;
import io.balsa.raft.core.Role;
import io.balsa.raft.spi.RaftLog;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.ControlledMessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * Commands and reads on their way from any thread to the loop thread, and from the log back to whoever waits. Bounded
 * in bytes by the ring, in number by the slots; a full one says so to the caller and queues nothing.
 *
 * <pre>
 *   ring record   type COMMAND or READ | 0: slot (int) | 8: when it was offered (long) | 16: command bytes
 *   pending       FIFO of (index, slot) of this leadership's entries that are not applied yet
 * </pre>
 */
final class Proposals<R> {
    private static final int COMMAND = 1;
    private static final int READ = 2;
    private static final int OFFERED = 8;
    private static final int COMMAND_OFFSET = 16;

    private final RaftCore core;
    private final RaftLog log;
    private final Reads reads;
    private final Slots slots;
    private final Stages stages;
    private final ManyToOneRingBuffer ring;
    private final int maxCommandBytes;
    private final ControlledMessageHandler onRecord = this::onRecord;
    private final ControlledMessageHandler refuse = this::refuse;

    private final long[] pendingIndex;
    private final int[] pendingSlot;
    private final int mask;
    private long head;
    private long tail;

    private volatile boolean stopped;

    Proposals(RaftConfig config, RaftCore core, RaftLog log, Reads reads, Slots slots,
              Stages stages) {
        this.core = core;
        this.log = log;
        this.reads = reads;
        this.slots = slots;
        this.stages = stages;
        maxCommandBytes = config.maxCommandBytes();
        ring = new ManyToOneRingBuffer(new UnsafeBuffer(
            ByteBuffer.allocateDirect(config.proposalBytes() + RingBufferDescriptor.TRAILER_LENGTH)));
        final int capacity = BitUtil.findNextPositivePowerOfTwo(config.maxPending());
        pendingIndex = new long[capacity];
        pendingSlot = new int[capacity];
        mask = capacity - 1;
    }

    // ---- any thread ------------------------------------------------------------------------------------------------

    int offer(DirectBuffer buffer, int offset, int length, Completion<R> completion) {
        Objects.requireNonNull(completion, "completion");
        buffer.boundsCheck(offset, length); // before the claim: one that is not committed blocks the ring
        if (length > maxCommandBytes) {
            return RaftNode.TOO_LARGE;
        }
        return publish(COMMAND, completion, buffer, offset, length);
    }

    int offerRead(ReadCompletion completion) {
        Objects.requireNonNull(completion, "completion");
        return publish(READ, completion, null, 0, 0);
    }

    private int publish(int type, Object waiter, DirectBuffer buffer, int offset, int length) {
        if (stopped) {
            return RaftNode.STOPPED;
        }
        final int slot = slots.take(waiter);
        if (slot == Slots.NONE) {
            return RaftNode.OVERLOADED;
        }
        if (stopped) { // looked at again now that stop() can see the slot: it either waits for us or is seen here
            slots.free(slot);
            return RaftNode.STOPPED;
        }
        final int record = ring.tryClaim(type, COMMAND_OFFSET + length);
        if (record < 0) {
            slots.free(slot);
            return RaftNode.OVERLOADED;
        }
        ring.buffer().putInt(record, slot);
        if (type == COMMAND) {
            ring.buffer().putLong(record + OFFERED, stages.stamp());
            ring.buffer().putBytes(record + COMMAND_OFFSET, buffer, offset, length);
        }
        ring.commit(record);
        return RaftNode.ACCEPTED;
    }

    // ---- the loop thread -------------------------------------------------------------------------------------------

    /** Returns how many commands and reads were taken from the ring. */
    int drain(int limit) {
        return ring.controlledRead(onRecord, limit);
    }

    boolean isIdle() {
        return head == tail && !hasArrivals();
    }

    /** Whether the ring holds something to drain. */
    boolean hasArrivals() {
        return ring.size() > 0;
    }

    private ControlledMessageHandler.Action onRecord(int type, MutableDirectBuffer buffer, int offset, int length) {
        final int slot = buffer.getInt(offset);
        if (type == READ) {
            reads.ask(slot);
            return ControlledMessageHandler.Action.CONTINUE;
        }
        if (core.role() != Role.LEADER) {
            completion(slot).onRejected(Outcome.Reason.NOT_LEADER, core.leaderId());
            return ControlledMessageHandler.Action.CONTINUE;
        }
        final int commandLength = length - COMMAND_OFFSET;
        switch (roomFor(commandLength, slot)) {
            case BUSY -> {
                return ControlledMessageHandler.Action.ABORT; // it stays in the ring, which pushes back on its callers
            }
            case DISK_FULL -> completion(slot).onRejected(Outcome.Reason.DISK_FULL, core.leaderId());
            case YES -> {
                final long index = core.propose();
                pendingIndex[(int) tail & mask] = index;
                pendingSlot[(int) tail++ & mask] = slot; // first, so that it is answered even if the log fails now
                NodeEffects.requireAt(index, log.append(core.currentTerm(), RaftLog.COMMAND, buffer,
                    offset + COMMAND_OFFSET, commandLength));
                stages.appended(index, buffer.getLong(offset + OFFERED));
            }
        }
        return ControlledMessageHandler.Action.CONTINUE;
    }

    /** The ring drops a record whose handling throws, so its caller is answered first: nobody else knows the slot. */
    private RaftLog.Room roomFor(int commandLength, int slot) {
        try {
            return log.roomFor(commandLength);
        } catch (RuntimeException | Error e) {
            completion(slot).onRejected(Outcome.Reason.STOPPED, Outcome.Rejected.NO_LEADER);
            throw e;
        }
    }

    /** Tells whoever waits for this entry, if it was proposed here in this leadership. */
    void applied(long index, R reply) {
        if (head != tail && pendingIndex[(int) head & mask] == index) {
            final int slot = pendingSlot[(int) head++ & mask];
            if (stages.follows(index)) {
                final long appliedNs = stages.applied();
                completion(slot).onCommitted(index, reply);
                stages.answered(appliedNs);
            } else {
                completion(slot).onCommitted(index, reply);
            }
        }
    }

    /** What was under way may still be committed by the next leader: this node cannot tell. */
    void leadershipLost() {
        stages.end();
        abandon(Outcome.Cause.LEADERSHIP_LOST);
    }

    private void abandon(Outcome.Cause cause) {
        while (head != tail) {
            completion(pendingSlot[(int) head++ & mask]).onIndeterminate(cause);
        }
    }

    @SuppressWarnings("unchecked")
    private Completion<R> completion(int slot) {
        return (Completion<R>) slots.free(slot);
    }

    /** Takes nothing more and answers everything that was taken. A caller in the midst of an offer is waited for. */
    void stop() {
        stopped = true;
        do {
            try {
                abandon(Outcome.Cause.STOPPED);
                reads.stop();
                ring.controlledRead(refuse, Integer.MAX_VALUE);
            } catch (RuntimeException | Error e) {
                // A completion threw. It was answered; the others still wait.
            }
            Thread.onSpinWait();
        } while (!slots.allAreFree());
    }

    private ControlledMessageHandler.Action refuse(int type, MutableDirectBuffer buffer, int offset, int length) {
        final Object waiter = slots.free(buffer.getInt(offset));
        if (type == READ) {
            ((ReadCompletion) waiter).onNotReadable(Outcome.Reason.STOPPED, Outcome.Rejected.NO_LEADER);
        } else {
            @SuppressWarnings("unchecked")
            final Completion<R> completion = (Completion<R>) waiter;
            completion.onRejected(Outcome.Reason.STOPPED, Outcome.Rejected.NO_LEADER);
        }
        return ControlledMessageHandler.Action.CONTINUE;
    }
}
