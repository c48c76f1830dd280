package io.balsa.raft.spi;

import org.agrona.DirectBuffer;

/**
 * What is replicated. Commands are applied in log order, each exactly once per process life. It must be deterministic:
 * state and result may depend on the commands applied so far and on nothing else, neither clock nor random numbers nor
 * the iteration order of a hash table.
 *
 * <p>The node calls it from one thread at a time, though not always from the same one, and what one call wrote the
 * next one sees: it needs no lock of its own, and must keep nothing in thread locals. A call may take its time. The
 * node goes on meanwhile: it leads, votes, stores, and answers reads of what is applied; only this command and those
 * after it wait. A call that itself waits for a later command waits for ever.
 *
 * <p>The state lives in memory and is rebuilt from the log at start, so it must be empty when the node starts.
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
}
