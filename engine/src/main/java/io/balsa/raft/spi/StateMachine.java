package io.balsa.raft.spi;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;

import org.agrona.DirectBuffer;

/**
 * What is replicated. In one process life commands are applied in log order, each at most once; those that a snapshot
 * stands for, at start or when one comes in from another node, are not applied at all: {@link #restore} brings their
 * effect. It must be deterministic: state and result may depend on the commands applied so far and on nothing else,
 * neither clock nor random numbers nor the iteration order of a hash table.
 *
 * <p>The node calls it from one thread at a time, though not always from the same one, and what one call wrote the
 * next one sees: it needs no lock of its own, and must keep nothing in thread locals. A call may take its time. The
 * node goes on meanwhile: it leads, votes, stores, and answers reads of what is applied; only this command and those
 * after it wait. A call that itself waits for a later command waits for ever.
 *
 * <p>The state lives in memory and is rebuilt at start, from the newest snapshot and the log after it, so it must be
 * empty when the node starts. A machine that offers {@link #freeze} must also {@link #restore}; one that does not keeps
 * the whole log for ever.
 *
 * @param <R> the result handed to the caller that proposed the command, on the node where it was proposed
 */
@FunctionalInterface
public interface StateMachine<R> {
    /** {@link #stateHash()} of a machine that has none. */
    long NO_HASH = 0;

    /**
     * Applies one committed command. Whatever it throws stops this node at this index: skipping a command would make
     * the replicas diverge.
     *
     * @param index   the entry's index, greater than at every earlier call (no-ops are not shown)
     * @param term    the entry's term
     * @param command valid during the call only
     */
    R apply(long index, long term, DirectBuffer command, int offset, int length);

    /**
     * A digest of the whole state: equal for equal states, in every process and on every machine, and different, as
     * far as 64 bits go, for different ones. The members compare theirs now and then, at the same index, and one that
     * differs from a majority stops, so that what a machine took from elsewhere than the log is found out. Asked
     * between two commands, as if it were one of them; it must be cheap, so keep it up to date with the state.
     *
     * @return the digest, or {@link #NO_HASH}: then the states are not compared
     */
    default long stateHash() {
        return NO_HASH;
    }

    /**
     * The state as it is now, to be written by another thread while commands go on being applied to the machine. Asked
     * between two commands, as if it were one of them, and hence to be answered in constant time: by a persistent
     * collection, or by copying what later commands change. Whatever decides replies belongs to it, such as a table of
     * what clients have executed.
     *
     * @return the view, or empty: then no snapshots are taken, and the log only grows
     */
    default Optional<View> freeze() {
        return Optional.empty();
    }

    /**
     * Replaces the whole state by the one that some member's view wrote: nothing of the present state may be left.
     * Where others read the state meanwhile, they must see the old one or the new one, never half of it. Called as if
     * it were a command; it may take its time.
     *
     * @param state what {@link View#writeTo} wrote, to its end; closed by the caller
     * @throws IOException or anything else stops this node: half a state serves nobody
     */
    default void restore(InputStream state) throws IOException {
        throw new UnsupportedOperationException("this state machine takes no snapshots, so it cannot restore one");
    }

    /** The state at one moment, which nothing that is applied later changes. */
    @FunctionalInterface
    interface View {
        /**
         * Writes all of it, the same bytes on every member. Called once, on a thread that is not the one that applies.
         *
         * @param out buffers what it is given; slow on purpose, so that the disk is left to the log
         */
        void writeTo(OutputStream out) throws IOException;
    }
}
