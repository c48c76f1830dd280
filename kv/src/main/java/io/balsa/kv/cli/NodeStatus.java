package io.balsa.kv.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.balsa.kv.KvClient;
import io.balsa.kv.KvException;

/** What one node says of itself, asked directly and not through another. */
sealed interface NodeStatus {
    /**
     * It answered.
     *
     * @param json one object, as the node wrote it
     */
    record Answered(String json, Map<String, Object> fields) implements NodeStatus {
    }

    /**
     * It could not be asked.
     *
     * @param reason names the address
     */
    record Unreachable(String reason) implements NodeStatus {
    }

    private static NodeStatus ask(String address, Duration timeout) {
        final String json;
        try {
            json = KvClient.status(address, timeout);
        } catch (final KvException e) {
            return new Unreachable(e.getMessage());
        }
        return new Answered(json, JsonReader.object(json));
    }

    default boolean answered() {
        return this instanceof Answered;
    }

    /** Asks all at once: one that hangs costs its own timeout and nobody else's. The order is that of the addresses. */
    static List<NodeStatus> ask(List<String> addresses, Duration timeout) throws InterruptedException {
        try (ExecutorService askers = Executors.newVirtualThreadPerTaskExecutor()) {
            final List<NodeStatus> answers = new ArrayList<>();
            final List<Callable<NodeStatus>> questions = new ArrayList<>();
            addresses.forEach(address -> questions.add(() -> ask(address, timeout)));
            for (final Future<NodeStatus> answer : askers.invokeAll(questions)) {
                answers.add(answer.get());
            }
            return answers;
        } catch (final ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }
}
