package io.balsa.raft;

import java.io.InputStream;
import java.util.Optional;
import java.util.function.LongSupplier;

import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.spi.StateMachine;

/**
 * One call of the state machine, with a command, for a view of its state, or with a snapshot to take its state from,
 * and what came of it. While it runs it belongs to the thread that makes it, and is all that this thread may touch;
 * before and after it belongs to the owner of the loop. See {@link Baton}.
 */
final class ApplyCall<R> {
    enum Kind { APPLY, FREEZE, RESTORE }

    private final StateMachine<R> stateMachine;
    private final SnapshotStore snapshots;
    private final LongSupplier clock;

    Kind kind = Kind.APPLY;
    long index;
    long term;
    boolean appliesCommand;
    boolean digestsState;
    long startedNs;
    private SnapshotStore.Snapshot snapshot;

    R reply;
    long stateHash;
    Optional<StateMachine.View> view = Optional.empty();
    Throwable failure;
    long endedNs;

    ApplyCall(StateMachine<R> stateMachine, SnapshotStore snapshots, LongSupplier clock) {
        this.stateMachine = stateMachine;
        this.snapshots = snapshots;
        this.clock = clock;
    }

    void prepare(long entryIndex, CommittedEntries entries, boolean digestIsDue) {
        kind = Kind.APPLY;
        index = entryIndex;
        term = entries.term();
        appliesCommand = entries.isCommand();
        digestsState = digestIsDue;
        reply = null;
        failure = null;
        startedNs = clock.getAsLong();
    }

    void prepareFreeze(long appliedIndex, long appliedTerm) {
        kind = Kind.FREEZE;
        index = appliedIndex;
        term = appliedTerm;
        failure = null;
        startedNs = clock.getAsLong();
    }

    void prepareRestore(SnapshotStore.Snapshot from) {
        kind = Kind.RESTORE;
        index = from.index();
        term = from.term();
        snapshot = from;
        failure = null;
        startedNs = clock.getAsLong();
    }

    /** What the snapshot's state should be digested to. */
    long expectedHash() {
        return snapshot.stateHash();
    }

    /** Whatever is thrown is kept: only the owner of the loop can act upon it. */
    void run(CommittedEntries entries) {
        try {
            switch (kind) {
                case APPLY -> apply(entries);
                case FREEZE -> {
                    stateHash = stateMachine.stateHash();
                    view = stateMachine.freeze();
                }
                case RESTORE -> {
                    try (InputStream state = snapshots.open(snapshot)) {
                        stateMachine.restore(state);
                    }
                    stateHash = stateMachine.stateHash();
                }
            }
        } catch (Throwable e) {
            failure = e;
        }
        endedNs = clock.getAsLong();
    }

    private void apply(CommittedEntries entries) {
        if (appliesCommand) {
            reply = stateMachine.apply(index, term, entries.buffer(), entries.offset(), entries.length());
        }
        if (digestsState) {
            stateHash = stateMachine.stateHash();
        }
    }
}
