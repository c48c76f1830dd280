package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;

import io.balsa.raft.core.Role;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A state machine that takes its time costs its callers that time, and the group nothing. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SlowApplyTest {
    private static final Duration ELECTION = Duration.ofSeconds(1);
    private static final Duration HEARTBEAT = Duration.ofMillis(50);
    /** So many take longer than any election timeout drawn from [T, 2T). */
    private static final int HEARTBEATS = 45;

    private NodeGroup group = new NodeGroup(3, ELECTION, HEARTBEAT);

    @AfterEach
    void close() {
        group.close();
    }

    private long[] terms() {
        return IntStream.rangeClosed(1, 3).mapToLong(id -> group.node(id).status().term()).toArray();
    }

    private static Map<String, Long> committed(long count) {
        return Map.of("committed", count);
    }

    @Test
    @DisplayName("a leader whose state machine does not return for seconds goes on leading and committing")
    void theLeaderGoesOnLeading() throws InterruptedException {
        final int leader = group.leader();
        group.machine(leader).dwellOn(50);
        final long[] terms = terms();
        final Answers answers = group.offer(leader, 0, 100);
        group.machine(leader).awaitEntered();
        group.heartbeatsPass(leader, HEARTBEATS);
        final RaftStatus status = group.node(leader).status();
        assertEquals(Role.LEADER, status.role());
        assertEquals(status.lastIndex(), status.commitIndex(), "it commits what came after");
        assertEquals(committed(50), answers.counts(), "and answers nothing of it, since nothing is applied");
        assertTrue(status.slowApplies().count() >= 1, "more only where this machine let another call wait");
        assertTrue(status.slowApplies().longestMs() > ELECTION.toMillis(), status.toString());
        assertEquals(new ReadOutcome.TimedOut(), group.node(leader).awaitReadable(Duration.ofMillis(10)));
        group.machine(leader).release();
        group.until(() -> answers.all().size() == 100, "all are answered");
        assertEquals(committed(100), answers.counts());
        assertEquals(IntStream.range(0, 100).boxed().toList(), answers.replies());
        assertEquals(new Outcome.Committed<>(status.lastIndex() + 1, 100), group.propose(leader, 100));
        assertEquals(ReadOutcome.Readable.class, group.node(leader).awaitReadable(NodeGroup.LONG).getClass());
        assertArrayEquals(terms, terms());
        group.allApplied(101, 1, 2, 3);
        group.endsWith(101);
        assertEquals(2, group.machine(leader).threads(), "the loop went to the other thread");
    }

    @Test
    @DisplayName("a follower in a slow call goes on storing and acknowledging: the others need it for their majority")
    void aFollowerGoesOnAcknowledging() throws InterruptedException {
        final int leader = group.leader();
        final int slow = leader % 3 + 1;
        final int away = slow % 3 + 1;
        group.machine(slow).dwellOn(10);
        final long[] terms = terms();
        group.offer(leader, 0, 20);
        group.machine(slow).awaitEntered();
        group.heartbeatsPass(leader, HEARTBEATS);
        group.node(away).close();
        for (int number = 20; number < 40; number++) {
            assertEquals(Outcome.Committed.class, group.propose(leader, number).getClass());
        }
        group.until(() -> group.node(slow).status().commitIndex() == group.node(leader).status().commitIndex(),
            "the slow one knows what is committed");
        assertEquals(terms[leader - 1], group.node(leader).status().term());
        assertEquals(terms[slow - 1], group.node(slow).status().term());
        assertEquals(10, group.machine(slow).size());
        group.machine(slow).release();
        group.allApplied(40, leader, slow);
    }

    @Test
    @DisplayName("all three in a slow call at once: nobody is elected, nothing is lost, each command is applied once")
    void allAtOnce() throws InterruptedException {
        final int leader = group.leader();
        group.machines.forEach(machine -> machine.dwellOn(3));
        final long[] terms = terms();
        final Answers answers = group.offer(leader, 0, 10);
        for (final Recorder machine : group.machines) {
            machine.awaitEntered();
        }
        group.heartbeatsPass(leader, HEARTBEATS);
        group.machines.forEach(Recorder::release);
        group.allApplied(10, 1, 2, 3);
        group.until(() -> answers.all().size() == 10, "all are answered");
        assertEquals(committed(10), answers.counts());
        assertArrayEquals(terms, terms());
        for (int id = 1; id <= 3; id++) {
            assertEquals(id == leader ? 1 : 0, group.node(id).status().elections());
        }
        group.endsWith(10);
    }

    @Test
    @DisplayName("every command takes 10 ms: no election, every answer in order, and the loop is not held up for more")
    void everyCommandTakesTenMilliseconds() {
        final int leader = group.leader();
        final long[] terms = terms();
        group.machines.forEach(machine -> machine.slowDown(10_000_000));
        final Answers answers = group.offer(leader, 0, 150);
        group.until(() -> answers.all().size() == 150, "all are answered");
        assertEquals(committed(150), answers.counts());
        assertEquals(IntStream.range(0, 150).boxed().toList(), answers.replies());
        group.allApplied(150, 1, 2, 3);
        assertArrayEquals(terms, terms());
        group.endsWith(150);
    }

    @Test
    @DisplayName("T-38: sixteen threads that block on a slow state machine: none waits for ever, nobody is elected")
    void sixteenThreadsBlockOnASlowStateMachine() throws InterruptedException {
        final int leader = group.leader();
        final long[] terms = terms();
        group.machines.forEach(machine -> machine.slowDown(10_000_000));
        final Set<Integer> replies = ConcurrentHashMap.newKeySet();
        final List<Thread> clients = IntStream.range(0, 16).mapToObj(client -> Thread.ofVirtual().start(() -> {
            for (int number = 0; number < 10; number++) {
                if (group.propose(leader, number) instanceof Outcome.Committed<Integer> committed) {
                    replies.add(committed.reply());
                }
            }
        })).toList();
        for (final Thread client : clients) {
            client.join();
        }
        assertEquals(160, replies.size(), "each was applied at a place of its own, and answered");
        assertArrayEquals(terms, terms());
        group.allApplied(160, 1, 2, 3);
    }

    @Test
    @DisplayName("hundreds of handovers under load: in order, once, the same on all, with nothing but the node's order")
    void manyHandovers() {
        group.close();
        group = new NodeGroup(3, ELECTION, Duration.ofMillis(2));
        final int leader = group.leader();
        group.machines.forEach(machine -> machine.slowDown(1_500_000)); // about where the loop is taken
        final Answers answers = group.offer(leader, 0, 1_000);
        group.until(() -> answers.all().size() == 1_000, "all are answered");
        assertEquals(committed(1_000), answers.counts());
        group.allApplied(1_000, 1, 2, 3);
        final long slow = group.node(leader).status().slowApplies().count();
        assertTrue(slow > 500, slow + " of 1000");
        group.endsWith(1_000);
        assertEquals(2, group.machine(leader).threads());
    }

    @Test
    @DisplayName("closing answers all and frees the files at once, says what it waits for, waits for that alone")
    void closingWaitsForTheCallAlone() throws InterruptedException {
        final List<String> said = Collections.synchronizedList(new ArrayList<>());
        final Handler listener = new Handler() {
            @Override
            public void publish(LogRecord message) {
                said.add(message.getMessage());
            }

            @Override
            public void flush() {
            }

            @Override
            public void close() {
            }
        };
        // held here: loggers that nobody holds are collected, and their handlers with them
        final Logger logger = Logger.getLogger(RaftNode.class.getName());
        logger.addHandler(listener);
        try {
            final int leader = group.leader();
            group.machine(leader).dwellOn(5);
            final Answers answers = group.offer(leader, 0, 10);
            group.machine(leader).awaitEntered();
            final Thread closer = Thread.ofPlatform().start(group.node(leader)::close);
            group.until(() -> answers.all().size() == 10, "all are answered");
            assertEquals(Collections.nCopies(5, "committed"), answers.all().subList(0, 5));
            assertEquals(Collections.nCopies(5, "unknown STOPPED"), answers.all().subList(5, 10));
            group.until(() -> group.storage(leader).closed, "the files are closed");
            group.until(() -> said.stream().anyMatch(line -> line.endsWith("waits for the state machine, which is "
                + "still at entry " + (group.node(leader).status().appliedIndex() + 1))), "it says what it waits for");
            assertTrue(closer.isAlive());
            group.machine(leader).release();
            closer.join();
            assertEquals(6, group.machine(leader).applied().size());
            assertTrue(group.node(leader).status().failure().isEmpty());
            assertEquals(Set.of(), threadsOf(leader), "no thread stays behind");
        } finally {
            logger.removeHandler(listener);
        }
    }

    private static Set<String> threadsOf(int id) {
        final Set<String> names = ConcurrentHashMap.newKeySet();
        Thread.getAllStackTraces().keySet().stream().map(Thread::getName)
            .filter(name -> name.startsWith("balsa-" + id + "-")).forEach(names::add);
        return names;
    }

    @Test
    @DisplayName("a state machine that asks for the status, or closes the node, in a slow call waits for nobody")
    void theStateMachineMayAskAndClose() {
        final int leader = group.leader();
        final RaftNode<Integer> node = group.node(leader);
        final List<Long> seen = new ArrayList<>();
        group.machine(leader).dwellOn(5);
        group.machine(leader).meanwhile(() -> {
            Thread.currentThread().interrupt(); // and leaves a mark
            seen.add(node.status().appliedIndex());
            final long before = group.network.port(leader).controlFrames.get(leader % 3);
            group.until(() -> group.network.port(leader).controlFrames.get(leader % 3) > before + 3,
                "the loop goes on elsewhere");
            seen.add(node.status().appliedIndex());
            node.close();
            Thread.interrupted();
            group.machine(leader).release();
        });
        final Answers answers = group.offer(leader, 0, 10);
        group.until(() -> answers.all().size() == 10, "all are answered");
        node.close();
        assertEquals(2, seen.size());
        assertFalse(answers.all().toString().contains("rejected"), answers.all().toString());
    }
}
