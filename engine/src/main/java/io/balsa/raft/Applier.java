package io.balsa.raft;

import java.util.function.LongSupplier;

import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.StateMachine;

/**
 * Shows committed commands to the state machine, in order, each once, and the results to whoever waits. Inline, as the
 * last thing of a duty cycle: a result that comes at once needs no other thread. A call that lasts may lose the loop to
 * another thread, see {@link Baton}; nothing is applied then until it is back.
 */
final class Applier<R> {
    /** {@link #doWork}: the calling thread has lost the loop and must not touch the node any more. */
    static final int LOOP_IS_GONE = -1;

    private final RaftLog log;
    private final StateChecks checks;
    private final Baton baton;
    private final LongSupplier clock;
    private final long budgetNs;
    private final long slowNs;
    private final CommittedEntries entries = new CommittedEntries();
    private final ApplyCall<R> call;

    private Proposals<R> proposals;
    private long commitIndex;
    private long appliedIndex;
    private long checkIndex;
    private long slowCalls;
    private long slowestNs;
    private volatile Slow worthTelling;

    /** A call that kept the loop waiting. */
    record Slow(long index, long tookNs) {
    }

    /** @param clock tells whoever applies how long it took */
    Applier(RaftLog log, StateMachine<R> stateMachine, StateChecks checks, Baton baton, LongSupplier clock,
            long budgetNs, long slowNs) {
        this.log = log;
        this.checks = checks;
        this.baton = baton;
        this.clock = clock;
        this.budgetNs = budgetNs;
        this.slowNs = slowNs;
        call = new ApplyCall<>(stateMachine, clock);
        appliedIndex = log.firstIndex() - 1;
        checkIndex = checks.nextAfter(appliedIndex);
    }

    void answerTo(Proposals<R> waiting) {
        proposals = waiting;
    }

    void commitTo(long index) {
        commitIndex = index;
    }

    long appliedIndex() {
        return appliedIndex;
    }

    /**
     * Applies what is committed until the cycle's budget is spent, at least one entry.
     *
     * @return how many entries were applied, or {@link #LOOP_IS_GONE}
     */
    int doWork() {
        final long before = appliedIndex;
        if (baton.isAway()) {
            if (!baton.isBack()) {
                return 0;
            }
            baton.pickUp();
            finish();
        }
        if (appliedIndex < commitIndex) {
            final long deadlineNs = clock.getAsLong() + budgetNs;
            do {
                if (!applyNext()) {
                    return LOOP_IS_GONE;
                }
            } while (appliedIndex < commitIndex && call.endedNs - deadlineNs < 0);
        }
        return (int) (appliedIndex - before);
    }

    /** Returns false when the loop is gone: then this was the last it may do. */
    private boolean applyNext() {
        if (!entries.goTo(appliedIndex + 1)) {
            entries.read(log, appliedIndex + 1, commitIndex);
        }
        final boolean digestIsDue = appliedIndex + 1 == checkIndex;
        if (!entries.isCommand() && !digestIsDue) {
            appliedIndex++;
            return true;
        }
        call.prepare(appliedIndex + 1, entries, digestIsDue);
        baton.enter();
        call.run(entries);
        if (!baton.keeps()) {
            baton.leave();
            return false;
        }
        finish();
        return true;
    }

    private void finish() {
        final long tookNs = call.endedNs - call.startedNs;
        if (tookNs > slowNs) {
            countSlow(tookNs);
        }
        if (call.failure != null) {
            throw new RaftException("the state machine threw at entry " + call.index + " of term " + call.term + " ("
                + call.failure + "): this node stops there, since skipping an entry would make it diverge; mend the"
                + " state machine and start it again", call.failure);
        }
        appliedIndex = call.index;
        if (call.digestsState) { // before anybody is answered: a node that finds itself astray serves nothing more
            checkIndex = checks.nextAfter(appliedIndex);
            checks.computed(appliedIndex, call.stateHash);
        }
        if (call.appliesCommand) {
            proposals.applied(appliedIndex, call.reply);
        }
    }

    private void countSlow(long tookNs) {
        slowCalls++;
        slowestNs = Math.max(slowestNs, tookNs);
        if (worthTelling == null || tookNs > 2 * worthTelling.tookNs()) {
            worthTelling = new Slow(call.index, tookNs);
        }
    }

    /** The first slow call, later each that took more than twice as long as the one told of; null: none. Any thread. */
    Slow worthTelling() {
        return worthTelling;
    }

    /** The entry that the state machine is at while the loop goes on without it, or 0. */
    long heldUpAt() {
        return baton.isAway() && !baton.isBack() ? call.index : 0;
    }

    /** How often and how long the state machine kept the loop waiting, the call under way included. */
    RaftStatus.SlowApplies status() {
        final long soFarNs = baton.isAway() ? clock.getAsLong() - call.startedNs : 0;
        return new RaftStatus.SlowApplies(slowCalls + (soFarNs > slowNs ? 1 : 0),
            Math.max(slowestNs, soFarNs) / 1_000_000);
    }
}
