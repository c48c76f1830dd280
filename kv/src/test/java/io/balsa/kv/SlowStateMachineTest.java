package io.balsa.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

import io.balsa.aeron.AeronConfig;
import io.balsa.aeron.AeronTransport;
import io.balsa.aeron.Endpoint;
import io.balsa.mmap.MmapConfig;
import io.balsa.mmap.MmapStorage;
import io.balsa.raft.Outcome;
import io.balsa.raft.RaftConfig;
import io.balsa.raft.RaftNode;
import io.balsa.raft.core.Role;
import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.spi.Storage;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A slow state machine over the real transport and the real log, as they are configured by default. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SlowStateMachineTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    @TempDir
    private Path dir;
    private final List<Dwelling> machines = new ArrayList<>();
    private final List<RaftNode<Integer>> nodes = new ArrayList<>();

    /** Notes numbers; dwells on one of them until it is released. Long commands: their bytes are looked at twice. */
    private static final class Dwelling implements StateMachine<Integer> {
        private final List<Integer> applied = new ArrayList<>();
        private final CountDownLatch entered = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);
        private volatile int dwellsOn = -1;
        private volatile int size;

        @Override
        public Integer apply(long index, long term, DirectBuffer command, int offset, int length) {
            final int number = command.getInt(offset);
            if (number == dwellsOn) {
                entered.countDown();
                try {
                    released.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
            for (int i = Integer.BYTES; i < length; i++) {
                if (command.getByte(offset + i) != (byte) number) {
                    throw new IllegalStateException("byte " + i + " of command " + number + " changed under the call");
                }
            }
            applied.add(number);
            size = applied.size();
            return size;
        }
    }

    private void start(int size) throws IOException {
        final Map<Integer, Endpoint> members = new TreeMap<>();
        for (int id = 0; id < size; id++) {
            members.put(id, new Endpoint("127.0.0.1", freePort()));
        }
        for (int id = 0; id < size; id++) {
            final Path data = dir.resolve("node" + id);
            MmapStorage.format(data, new Storage.Identity(42, id, id + 1, true));
            machines.add(new Dwelling());
            nodes.add(RaftNode.start(RaftConfig.of(id, members.keySet()),
                MmapStorage.open(data, MmapConfig.defaults()), AeronTransport.open(AeronConfig.of(42, id,
                    new TreeMap<>(members), data)), machines.get(id)));
        }
    }

    @AfterEach
    void close() {
        machines.forEach(machine -> machine.released.countDown());
        nodes.forEach(RaftNode::close);
    }

    private static byte[] command(int number) {
        final byte[] command = new byte[40_000];
        Arrays.fill(command, (byte) number);
        new UnsafeBuffer(command).putInt(0, number);
        return command;
    }

    private static void until(BooleanSupplier happened, String what) {
        final long deadlineNs = System.nanoTime() + TIMEOUT.toNanos();
        while (!happened.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadlineNs < 0, "not within 20 s: " + what);
            Thread.onSpinWait();
        }
    }

    @Test
    void aCallOfASecondOnEachNodeCostsNoElectionAndNoCommand() throws Exception {
        start(3);
        until(() -> nodes.stream().anyMatch(node -> node.status().role() == Role.LEADER), "a leader");
        final RaftNode<Integer> leader =
            nodes.stream().filter(node -> node.status().role() == Role.LEADER).findFirst().orElseThrow();
        final List<CompletableFuture<Outcome<Integer>>> answers = new ArrayList<>();
        int number = 0;
        for (; number < 10; number++) {
            assertTrue(leader.propose(command(number), TIMEOUT) instanceof Outcome.Committed);
        }
        until(() -> machines.stream().allMatch(machine -> machine.size == 10), "all have applied ten");
        final List<Long> terms = nodes.stream().map(node -> node.status().term()).toList();
        machines.forEach(machine -> machine.dwellsOn = 10);
        answers.add(leader.proposeAsync(command(number++)));
        for (final Dwelling machine : machines) {
            machine.entered.await();
        }
        // For longer than any election timeout there is, commands go on being stored and known to be committed by all,
        // through messages of the leader, written where the log's memory is used again and again.
        final long enough = System.nanoTime() + 3 * RaftConfig.of(0, List.of(0)).electionTimeout().toNanos();
        while (System.nanoTime() - enough < 0) {
            answers.add(leader.proposeAsync(command(number++)));
            until(() -> nodes.stream().allMatch(node -> node.status().commitIndex() == leader.status().lastIndex()),
                "all know that it is committed");
        }
        assertEquals(terms, nodes.stream().map(node -> node.status().term()).toList());
        assertEquals(Role.LEADER, leader.status().role());
        assertTrue(machines.stream().allMatch(machine -> machine.size == 10), "nothing was applied meanwhile");
        assertTrue(answers.stream().noneMatch(CompletableFuture::isDone), "or answered");
        machines.forEach(machine -> machine.released.countDown());
        for (int i = 0; i < answers.size(); i++) {
            final Outcome<Integer> outcome = answers.get(i).join();
            assertTrue(outcome instanceof Outcome.Committed<Integer> done && done.reply() == 11 + i, "" + outcome);
        }
        final int commands = number;
        until(() -> machines.stream().allMatch(machine -> machine.size == commands), "all have applied all");
        assertEquals(terms, nodes.stream().map(node -> node.status().term()).toList());
        nodes.forEach(node -> assertTrue(node.status().slowApplies().longestMs() > 900, node.status().toString()));
        close();
        for (final Dwelling machine : machines) {
            assertEquals(IntStream.range(0, commands).boxed().toList(), machine.applied);
        }
    }

    private static int freePort() throws IOException {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
