package io.balsa.raft;

import java.util.function.LongSupplier;

import io.balsa.raft.spi.StateMachine;

/**
 * One call of the state machine and what came of it. While it runs it belongs to the thread that makes it, and is all
 * that this thread may touch; before and after it belongs to the owner of the loop. See {@link Baton}.
 */
final class ApplyCall<R> {
    private final StateMachine<R> stateMachine;
    private final LongSupplier clock;

    long index;
    long term;
    boolean appliesCommand;
    boolean digestsState;
    long startedNs;

    R reply;
    long stateHash;
    Throwable failure;
    long endedNs;

    ApplyCall(StateMachine<R> stateMachine, LongSupplier clock) {
        this.stateMachine = stateMachine;
        this.clock = clock;
    }

    void prepare(long entryIndex, CommittedEntries entries, boolean digestIsDue) {
        index = entryIndex;
        term = entries.term();
        appliesCommand = entries.isCommand();
        digestsState = digestIsDue;
        reply = null;
        failure = null;
        startedNs = clock.getAsLong();
    }

    /** Whatever is thrown is kept: only the owner of the loop can act upon it. */
    void run(CommittedEntries entries) {
        try {
            if (appliesCommand) {
                reply = stateMachine.apply(index, term, entries.buffer(), entries.offset(), entries.length());
            }
            if (digestsState) {
                stateHash = stateMachine.stateHash();
            }
        } catch (Throwable e) {
            failure = e;
        }
        endedNs = clock.getAsLong();
    }
}
