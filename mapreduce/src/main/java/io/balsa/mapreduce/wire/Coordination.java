package io.balsa.mapreduce.wire;

import java.util.concurrent.CompletableFuture;

/** A coordinator, as workers and clients see it, wherever it runs. */
public interface Coordination {
    /**
     * Asks it. Whoever leads is found, and asked again where an answer may have been lost: requests bear it.
     *
     * @return completes with the answer, never with {@link Answer.NotLeader}, on a thread that must not be held up; or
     *         exceptionally with a {@link CoordinatorUnavailable}. Whoever waits no more may cancel it, and then nobody
     *         is asked again
     */
    CompletableFuture<Answer> ask(Request request);
}
