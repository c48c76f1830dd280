package io.balsa.raft;

import io.balsa.raft.core.RaftCore;
import org.agrona.BitUtil;

/**
 * Reads that wait: first for a round that confirms this node still leads, then for the state machine to reach the read
 * index (thesis §6.4). Tickets and read indexes only grow, so it is one FIFO.
 */
final class Reads {
    private final RaftCore core;
    private final Slots slots;
    private final long[] ticket;
    private final long[] readIndex;
    private final int[] slot;
    private final int mask;
    private long head;
    private long tail;
    private long confirmedRound;

    Reads(RaftCore core, Slots slots, int maxPending) {
        this.core = core;
        this.slots = slots;
        final int capacity = BitUtil.findNextPositivePowerOfTwo(maxPending);
        ticket = new long[capacity];
        readIndex = new long[capacity];
        slot = new int[capacity];
        mask = capacity - 1;
    }

    void ask(int aSlot) {
        final long aTicket = core.requestRead();
        if (aTicket == RaftCore.NOT_LEADER) {
            completion(aSlot).onNotReadable(Outcome.Reason.NOT_LEADER, core.leaderId());
            return;
        }
        final int at = (int) tail++ & mask;
        ticket[at] = aTicket;
        readIndex[at] = core.readIndex();
        slot[at] = aSlot;
    }

    void confirm(long round) {
        confirmedRound = round;
    }

    /** Returns how many reads were let go. */
    int serve(long appliedIndex) {
        int served = 0;
        while (head != tail) {
            final int at = (int) head & mask;
            if (ticket[at] > confirmedRound || readIndex[at] > appliedIndex) {
                break;
            }
            head++;
            served++;
            completion(slot[at]).onReadable(readIndex[at]);
        }
        return served;
    }

    void leadershipLost(int leaderId) {
        refuse(Outcome.Reason.NOT_LEADER, leaderId);
    }

    void stop() {
        refuse(Outcome.Reason.STOPPED, Outcome.Rejected.NO_LEADER);
    }

    boolean isIdle() {
        return head == tail;
    }

    private void refuse(Outcome.Reason reason, int leaderHint) {
        while (head != tail) {
            completion(slot[(int) head++ & mask]).onNotReadable(reason, leaderHint);
        }
    }

    private ReadCompletion completion(int aSlot) {
        return (ReadCompletion) slots.free(aSlot);
    }
}
