package io.balsa.raft.testkit;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import io.balsa.raft.spi.StateMachine;

/**
 * What runs on the servers of a lab.
 *
 * @param <R> its result
 */
@FunctionalInterface
public interface LabService<R> {
    /** Makes the state machine of a process that starts on this server. */
    StateMachine<R> start(int server, Snapshots snapshots);

    /** The snapshots of one server, as its service deals with them. */
    interface Snapshots {
        /** The state that the newest snapshot on its disk holds; empty when there is none. */
        Optional<byte[]> newest();

        /**
         * Asks the server's Raft to write down what is applied by now, as the labs' {@code Snapshot(index)} does: from
         * within the call that applies an entry, what is frozen is the state right after it, unless an earlier snapshot
         * is still being written.
         *
         * @return completes when it is durable
         */
        CompletableFuture<Long> take();
    }
}
