package io.balsa.raft;

import java.util.Optional;
import java.util.function.LongSupplier;

import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.spi.SnapshotStore.Snapshot;
import io.balsa.raft.spi.StateMachine;

/**
 * Shows committed commands to the state machine, in order, each once, and the results to whoever waits. Inline, as the
 * last thing of a duty cycle: a result that comes at once needs no other thread. A call that lasts may lose the loop to
 * another thread, see {@link Baton}; nothing is applied then until it is back.
 */
final class Applier<R> {
    /** {@link #doWork}: the calling thread has lost the loop and must not touch the node any more. */
    static final int LOOP_IS_GONE = -1;

    /** What an entry counts for beside its command, as it travels: term, kind and length. */
    static final int ENTRY_BYTES = 13;

    private final RaftLog log;
    private final Snapshots snapshots;
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
    private long appliedTerm;
    private Snapshot toRestore;
    private long checkIndex;
    private long slowCalls;
    private long slowestNs;
    private volatile Slow worthTelling;

    /** A call that kept the loop waiting. A restore may: until it is over there is nothing else to apply to. */
    record Slow(long index, long tookNs, boolean freezing) {
    }

    /** @param clock tells whoever applies how long it took */
    Applier(RaftLog log, SnapshotStore store, Snapshots snapshots, StateMachine<R> stateMachine, StateChecks checks,
            Baton baton, LongSupplier clock, long budgetNs, long slowNs) {
        this.log = log;
        this.snapshots = snapshots;
        this.checks = checks;
        this.baton = baton;
        this.clock = clock;
        this.budgetNs = budgetNs;
        this.slowNs = slowNs;
        call = new ApplyCall<>(stateMachine, store, clock);
        checkIndex = checks.nextAfter(appliedIndex);
    }

    void answerTo(Proposals<R> waiting) {
        proposals = waiting;
    }

    void commitTo(long index) {
        commitIndex = index;
    }

    /** The state machine is to take its state from here before it sees another command: from what is durable. */
    void restore(Snapshot snapshot) {
        toRestore = snapshot;
        commitIndex = Math.max(commitIndex, snapshot.index());
    }

    long appliedIndex() {
        return appliedIndex;
    }

    /**
     * Applies what is committed until the cycle's budget is spent, at least one entry.
     *
     * @return how much was done, or {@link #LOOP_IS_GONE}
     */
    int doWork() {
        int done = 0;
        if (baton.isAway()) {
            if (!baton.isBack()) {
                return 0;
            }
            baton.pickUp();
            finish();
            done++;
        }
        if (hasWork()) {
            final long deadlineNs = clock.getAsLong() + budgetNs;
            do {
                if (!callNext()) {
                    return LOOP_IS_GONE;
                }
                done++;
            } while (hasWork() && call.endedNs - deadlineNs < 0);
        }
        return done;
    }

    private boolean hasWork() {
        return appliedIndex < commitIndex || snapshots.isDue();
    }

    /** Returns false when the loop is gone: then this was the last it may do. */
    private boolean callNext() {
        if (toRestore != null) {
            call.prepareRestore(toRestore);
            return call();
        }
        if (snapshots.isDue()) {
            call.prepareFreeze(appliedIndex, appliedTerm);
            return call();
        }
        return applyNext();
    }

    private boolean applyNext() {
        if (!entries.goTo(appliedIndex + 1)) {
            entries.read(log, appliedIndex + 1, commitIndex);
        }
        final boolean digestIsDue = appliedIndex + 1 == checkIndex;
        if (!entries.isCommand() && !digestIsDue) {
            advanceTo(appliedIndex + 1);
            return true;
        }
        call.prepare(appliedIndex + 1, entries, digestIsDue);
        return call();
    }

    private boolean call() {
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
        if (tookNs > slowNs && call.kind != ApplyCall.Kind.RESTORE) {
            countSlow(tookNs);
        }
        switch (call.kind) {
            case APPLY -> finishApply();
            case FREEZE -> finishFreeze();
            case RESTORE -> finishRestore();
        }
    }

    private void finishApply() {
        if (call.failure != null) {
            throw new RaftException("the state machine threw at entry " + call.index + " of term " + call.term + " ("
                + call.failure + "): this node stops there, since skipping an entry would make it diverge; mend the"
                + " state machine and start it again", call.failure);
        }
        advanceTo(call.index);
        if (call.digestsState) { // before anybody is answered: a node that finds itself astray serves nothing more
            checkIndex = checks.nextAfter(appliedIndex);
            checks.computed(appliedIndex, call.stateHash);
        }
        if (call.appliesCommand) {
            proposals.applied(appliedIndex, call.reply);
        }
    }

    /** To the entry that {@link #entries} is at. */
    private void advanceTo(long index) {
        appliedIndex = index;
        appliedTerm = entries.term();
        snapshots.applied(ENTRY_BYTES + entries.length());
    }

    private void finishFreeze() {
        if (call.failure != null) {
            throw new RaftException("the state machine threw when it was to show its state after entry " + call.index
                + " (" + call.failure + "): this node stops, since its state may be half of one; mend the state"
                + " machine and start it again", call.failure);
        }
        snapshots.frozen(call.index, call.term, call.stateHash, call.view);
        call.view = Optional.empty(); // or it would keep the whole state alive
    }

    private void finishRestore() {
        if (call.failure instanceof RaftException said) {
            throw said;
        }
        if (call.failure instanceof OutOfMemoryError) {
            throw new RaftException("the state after entry " + call.index + " does not fit into memory: this node stops"
                + "; give it more heap (-Xmx): until the new state is whole the old one is kept as well", call.failure);
        }
        if (call.failure != null || call.stateHash != call.expectedHash()) {
            throw new RaftException("the state after entry " + call.index + " could not be restored from its snapshot ("
                + (call.failure == null ? "its digest is " + Long.toHexString(call.stateHash) + ", not "
                    + Long.toHexString(call.expectedHash()) : call.failure)
                + "): this node stops; run the version of the state machine that wrote it, or start this node with"
                + " --rebuild", call.failure);
        }
        if (toRestore != null && toRestore.index() == call.index) { // else another one has come meanwhile
            toRestore = null;
        }
        appliedIndex = call.index;
        appliedTerm = call.term;
        checkIndex = checks.nextAfter(appliedIndex);
    }

    private void countSlow(long tookNs) {
        slowCalls++;
        slowestNs = Math.max(slowestNs, tookNs);
        if (worthTelling == null || tookNs > 2 * worthTelling.tookNs()) {
            worthTelling = new Slow(call.index, tookNs, call.kind == ApplyCall.Kind.FREEZE);
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
        final boolean counts = baton.isAway() && call.kind != ApplyCall.Kind.RESTORE;
        final long soFarNs = counts ? clock.getAsLong() - call.startedNs : 0;
        return new RaftStatus.SlowApplies(slowCalls + (soFarNs > slowNs ? 1 : 0),
            Math.max(slowestNs, soFarNs) / 1_000_000);
    }
}
