package io.balsa.raft;

import java.util.function.LongSupplier;

import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.StateMachine;
import org.agrona.DirectBuffer;

/** Shows committed commands to the state machine, in order, each once, and the results to whoever waits. */
final class Applier<R> {
    private final RaftLog log;
    private final StateMachine<R> stateMachine;
    private final StateChecks checks;
    private final long budgetNs;
    private final LongSupplier clock;
    private final RaftLog.EntryConsumer apply = this::apply;

    private Proposals<R> proposals;
    private long commitIndex;
    private long appliedIndex;
    private long checkIndex;
    private long deadlineNs;
    private boolean late;

    Applier(RaftLog log, StateMachine<R> stateMachine, StateChecks checks, long budgetNs, LongSupplier clock) {
        this.log = log;
        this.stateMachine = stateMachine;
        this.checks = checks;
        this.budgetNs = budgetNs;
        this.clock = clock;
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
     * @return how many entries were applied
     */
    int doWork() {
        if (appliedIndex >= commitIndex) {
            return 0;
        }
        final long before = appliedIndex;
        deadlineNs = clock.getAsLong() + budgetNs;
        late = false;
        log.read(appliedIndex + 1, commitIndex, apply);
        return (int) (appliedIndex - before);
    }

    private boolean apply(long index, long term, byte kind, DirectBuffer buffer, int offset, int length) {
        if (late) {
            return false;
        }
        if (index != appliedIndex + 1) {
            throw new IllegalStateException("entry " + index + " to apply after " + appliedIndex);
        }
        if (kind == RaftLog.COMMAND) {
            final R reply = applyCommand(index, term, buffer, offset, length);
            appliedIndex = index;
            checkState(term);
            proposals.applied(index, reply);
        } else {
            appliedIndex = index;
            checkState(term);
        }
        // A look at the clock costs more than a small command: one in 16 will do.
        late = (index & 15) == 0 && clock.getAsLong() - deadlineNs >= 0;
        return true;
    }

    /** Before anybody is answered: a node that finds itself astray serves nothing more. */
    private void checkState(long term) {
        if (appliedIndex == checkIndex) {
            checkIndex = checks.nextAfter(appliedIndex);
            checks.computed(appliedIndex, digest(term));
        }
    }

    private long digest(long term) {
        try {
            return stateMachine.stateHash();
        } catch (RuntimeException | Error e) {
            throw threw(appliedIndex, term, e);
        }
    }

    private R applyCommand(long index, long term, DirectBuffer buffer, int offset, int length) {
        try {
            return stateMachine.apply(index, term, buffer, offset, length);
        } catch (RuntimeException | Error e) {
            throw threw(index, term, e);
        }
    }

    private static RaftException threw(long index, long term, Throwable e) {
        return new RaftException("the state machine threw at entry " + index + " of term " + term + " (" + e
            + "): this node stops there, since skipping an entry would make it diverge; mend the state machine"
            + " and start it again", e);
    }
}
