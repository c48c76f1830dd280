package io.balsa.raft;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.spi.Storage;
import io.balsa.raft.spi.Transport;
import org.agrona.DirectBuffer;

/**
 * One member of a Raft group, embedded in this process. Any thread may call it; blocking calls are made for virtual
 * threads. All consensus work happens on one platform thread that the node starts and owns.
 *
 * @param <R> the state machine's result
 */
public final class RaftNode<R> implements AutoCloseable {
    /** {@link #offer}: taken; the completion will be told. */
    public static final int ACCEPTED = 1;
    /** {@link #offer}: too much is under way; nothing was taken. */
    public static final int OVERLOADED = -1;
    /** {@link #offer}: longer than {@link RaftConfig#maxCommandBytes()}; nothing was taken. */
    public static final int TOO_LARGE = -2;
    /** {@link #offer}: the node is closed or has stopped; nothing was taken. */
    public static final int STOPPED = -3;

    private RaftNode() {
    }

    /**
     * Starts a node. It owns {@code storage} and {@code transport} from here on and closes them with itself, also when
     * starting fails.
     */
    public static <R> RaftNode<R> start(RaftConfig config, Storage storage, Transport transport,
                                        StateMachine<R> stateMachine) {
        throw new UnsupportedOperationException();
    }

    /** Proposes a command and waits until it is applied here, refused, or {@code timeout} has passed. */
    public Outcome<R> propose(DirectBuffer buffer, int offset, int length, Duration timeout) {
        throw new UnsupportedOperationException();
    }

    /** As {@link #propose(DirectBuffer, int, int, Duration)}. */
    public Outcome<R> propose(byte[] command, Duration timeout) {
        throw new UnsupportedOperationException();
    }

    /** The same without waiting. The command's bytes are copied before this returns. Never completes exceptionally. */
    public CompletableFuture<Outcome<R>> proposeAsync(byte[] command) {
        throw new UnsupportedOperationException();
    }

    /**
     * The same without allocation. The command's bytes are copied before this returns. Commands offered by one thread
     * enter the log in the order offered; after one was rejected a later one may still be accepted.
     *
     * @return {@link #ACCEPTED}, {@link #OVERLOADED}, {@link #TOO_LARGE} or {@link #STOPPED}
     */
    public int offer(DirectBuffer buffer, int offset, int length, Completion<R> completion) {
        throw new UnsupportedOperationException();
    }

    /**
     * Waits until the state machine on this node shows every command committed before this call: what is read from it
     * after this returns {@link ReadOutcome.Readable} is linearizable (ReadIndex, thesis §6.4). Only a leader that a
     * majority confirmed after the call began can say so; a follower answers {@link Outcome.Reason#NOT_LEADER}.
     */
    public ReadOutcome awaitReadable(Duration timeout) {
        throw new UnsupportedOperationException();
    }

    /** The same without waiting; never completes exceptionally. */
    public CompletableFuture<ReadOutcome> readableAsync() {
        throw new UnsupportedOperationException();
    }

    /** The node as it sees itself now, or as it last did if it has stopped. */
    public RaftStatus status() {
        throw new UnsupportedOperationException();
    }

    /** Stops the node, answers everything under way as {@code STOPPED}, and closes storage and transport. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
