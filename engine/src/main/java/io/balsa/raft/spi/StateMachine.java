package io.balsa.raft.spi;

import org.agrona.DirectBuffer;

/**
 * What is replicated. Commands are applied in log order, each exactly once per process life, on one thread. It must be
 * deterministic: state and result may depend on the commands applied so far and on nothing else, neither clock nor
 * random numbers nor the iteration order of a hash table.
 *
 * <p>The state lives in memory and is rebuilt from the log at start, so it must be empty when the node starts.
 *
 * @param <R> the result handed to the caller that proposed the command, on the node where it was proposed
 */
@FunctionalInterface
public interface StateMachine<R> {
    /**
     * Applies one committed command. Whatever it throws stops this node at this index: skipping a command would make
     * the replicas diverge.
     *
     * @param index   the entry's index, greater than at every earlier call (no-ops are not shown)
     * @param term    the entry's term
     * @param command valid during the call only
     */
    R apply(long index, long term, DirectBuffer command, int offset, int length);
}
