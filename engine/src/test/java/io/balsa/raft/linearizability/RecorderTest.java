package io.balsa.raft.linearizability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

import io.balsa.raft.testkit.linearizability.History;
import io.balsa.raft.testkit.linearizability.LinearizabilityChecker;
import io.balsa.raft.testkit.linearizability.Operation;
import io.balsa.raft.testkit.linearizability.Recorder;
import io.balsa.raft.testkit.linearizability.Register;
import io.balsa.raft.testkit.linearizability.Verdict;
import org.junit.jupiter.api.Test;

final class RecorderTest {
    private long nowNs;
    private final Recorder<String, String> recorder = new Recorder<>(() -> nowNs);

    @Test
    void eventsAtTheSameTimeKeepTheOrderInWhichTheyWereRecorded() {
        nowNs = 42;
        recorder.returned(recorder.invoked(1, "first"), "1");
        recorder.returned(recorder.invoked(2, "second"), "2");
        final List<Operation<String, String>> operations = recorder.history().operations();
        assertTrue(operations.get(0).returned() < operations.get(1).called());
        assertEquals(42, operations.get(1).returnedNs());
    }

    @Test
    void whatIsUnknownOrHasNotReturnedIsOpenAndWhatFailedIsGone() {
        recorder.unknown(recorder.invoked(1, "unknown"));
        recorder.failed(recorder.invoked(1, "failed"));
        recorder.invoked(1, "under way");
        final History<String, String> history = recorder.history();
        assertEquals(List.of("unknown", "under way"), history.operations().stream().map(Operation::input).toList());
        assertTrue(history.operations().stream().allMatch(Operation::isOpen));
    }

    @Test
    void aHistoryTakenEarlierDoesNotChange() {
        final int operation = recorder.invoked(1, "read");
        final History<String, String> before = recorder.history();
        recorder.returned(operation, "late");
        assertTrue(before.operations().getFirst().isOpen());
        assertFalse(recorder.history().operations().getFirst().isOpen());
    }

    @Test
    void anOperationEndsOnce() {
        final int operation = recorder.invoked(3, "write");
        recorder.unknown(operation);
        final IllegalStateException error =
            assertThrows(IllegalStateException.class, () -> recorder.returned(operation, "after all"));
        assertEquals("operation 0 of client 3 has already ended (UNKNOWN); end each operation once",
            error.getMessage());
    }

    @Test
    void realThreadsOnARealAtomicAreLinearizable() throws Exception {
        final Recorder<Register.Request<Integer>, Register.Reply<Integer>> threads = new Recorder<>(System::nanoTime);
        final AtomicInteger atomic = new AtomicInteger();
        threads.returned(threads.invoked(0, new Register.Write<>(0)), new Register.Written<>());
        final List<Callable<Object>> clients = new ArrayList<>();
        for (int client = 0; client < 4; client++) {
            final int number = client;
            clients.add(Executors.callable(() -> {
                for (int i = 0; i < 200; i++) {
                    swapAndRead(threads, number, atomic);
                }
            }));
        }
        try (ExecutorService pool = Executors.newFixedThreadPool(clients.size())) {
            for (final Future<Object> client : pool.invokeAll(clients)) {
                client.get();
            }
        }
        assertEquals(1 + 4 * 200 * 2, threads.history().size());
        assertInstanceOf(Verdict.Linearizable.class,
            LinearizabilityChecker.of(new Register<Integer>()).check(threads.history()));
    }

    private static void swapAndRead(Recorder<Register.Request<Integer>, Register.Reply<Integer>> threads, int client,
                                    AtomicInteger atomic) {
        final int expected = atomic.get();
        final int swap = threads.invoked(client, new Register.CompareAndSet<>(expected, expected + 1));
        threads.returned(swap, new Register.Swapped<>(atomic.compareAndSet(expected, expected + 1)));
        final int read = threads.invoked(client, new Register.Read<>());
        threads.returned(read, new Register.Value<>(Optional.of(atomic.get())));
    }
}
