package io.balsa.mapreduce.coordinator;

import static io.balsa.mapreduce.coordinator.Play.JOB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;

import io.balsa.mapreduce.FreePorts;
import io.balsa.mapreduce.wire.Answer;
import io.balsa.mapreduce.wire.RemoteCoordination;
import io.balsa.mapreduce.wire.Request;
import io.balsa.raft.spi.StateMachine;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A coordinator on a log on disk, in this process. */
@Timeout(60)
final class CoordinatorNodeTest {
    @TempDir
    private Path dir;
    private final int port = FreePorts.neighbours(3);

    @Test
    void aCoordinatorThatIsRestartedSaysNothingOfJobsBeforeItKnowsThemAgain() throws Exception {
        try (CoordinatorNode first = start(true, machine -> machine); RemoteCoordination remote = connect(first)) {
            assertEquals(Answer.Heard.ACCEPTED, remote.ask(Play.submit(JOB, 3, 1, Play.RENEWED)).join());
        }
        final CountDownLatch applies = new CountDownLatch(1);
        try (CoordinatorNode again = start(false, machine -> new Waiting(machine, applies));
             RemoteCoordination remote = connect(again)) {
            final CompletableFuture<Answer> look = remote.ask(new Request.Look(JOB));
            // It leads within some hundred milliseconds, and does not know the job as yet.
            assertThrows(TimeoutException.class, () -> look.get(2, TimeUnit.SECONDS));
            applies.countDown();
            assertEquals(3, assertInstanceOf(Answer.Seen.class, look.join()).jobs().get(0).map().tasks());
        }
    }

    private CoordinatorNode start(boolean bootstrap, UnaryOperator<StateMachine<Answer>> around) {
        return CoordinatorNode.start(new CoordinatorNode.Options(0, new TreeMap<>(Map.of(0, "127.0.0.1:" + port)),
            "127.0.0.1:" + (port + 2), dir.resolve("c0"), bootstrap, false, Coordinator.LEASE), around);
    }

    private static RemoteCoordination connect(CoordinatorNode node) {
        return RemoteCoordination.open(List.of(node.address()), Duration.ofSeconds(30));
    }

    /** Applies nothing until it may. */
    private record Waiting(StateMachine<Answer> machine, CountDownLatch applies) implements StateMachine<Answer> {
        @Override
        public Answer apply(long index, long term, DirectBuffer command, int offset, int length) {
            try {
                applies.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return machine.apply(index, term, command, offset, length);
        }

        @Override
        public long stateHash() {
            return machine.stateHash();
        }
    }
}
