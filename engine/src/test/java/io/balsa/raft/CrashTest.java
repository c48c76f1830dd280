package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.Storage;
import io.balsa.raft.spi.StorageException;
import io.balsa.raft.testkit.Faults;
import io.balsa.raft.testkit.FrameView;
import io.balsa.raft.testkit.Schedule;
import io.balsa.raft.testkit.SimDisk;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * T-36: node 1 of three, on a disk that forgets what was not forced, tears what was under way, and fails now and then
 * in the midst of a vote. Whatever nodes 2 and 3 were promised must hold for every later process on that disk.
 */
class CrashTest {
    private static final int SEEDS = 300;
    private static final int COMMAND_BYTES = 8;
    private static final UnsafeBuffer COMMAND = new UnsafeBuffer(new byte[COMMAND_BYTES]);
    private static final long STEP_NS = 20_000;

    private final FrameView frame = new FrameView();
    private SplittableRandom random;
    private Schedule schedule;
    private SimDisk disk;
    private Storage storage;
    private Loopback network;
    private RaftAgent<Long> node;
    private long term;

    // what nodes 2 and 3 were told, the first two in the present term
    private final Set<Integer> voters = new HashSet<>();
    private long acknowledged;
    private long newestTermTold;

    private void newWorld(int seed) {
        random = new SplittableRandom(seed);
        schedule = new Schedule();
        schedule.at(1, () -> { });
        disk = new SimDisk(1, MemoryStorage.CLUSTER, COMMAND_BYTES, 64 << 10, schedule, random,
            new Faults.Disk(20_000, 200_000, 0.1, 2_000_000, 0.5, 0, 0, 0.2, 0), SimDisk.Observer.NONE);
        term = 0;
        acknowledged = 0;
        newestTermTold = 0;
        start();
    }

    private void start() {
        storage = disk.open();
        network = new Loopback(3, 4 << 10, 32 << 10); // small: there are thousands of restarts
        node = new RaftAgent<>(RaftConfig.of(1, List.of(1, 2, 3)).withLimits(COMMAND_BYTES, 64 << 10, 8 << 10, 8),
            storage, network.port(1), (index, aTerm, command, offset, length) -> index, Runnable::run, random,
            schedule.now());
        assertTrue(node.status().term() >= newestTermTold, "terms do not fall");
        for (int peer = 2; peer <= 3; peer++) {
            peer(peer, new RingLog(1, 1)).hello(0, true);
        }
        cycle();
    }

    private void crashAndRestart() {
        disk.crash();
        start();
    }

    /** What peer {@code id} says, with entries from {@code log}. */
    private Outbox peer(int id, RaftLog log) {
        final Links links = new Links(new int[] {1}, 1L << 32 | id, 1, 0);
        links.onHello(0, storage.boot(), Links.UNKNOWN, 1, Links.NO_CLAIM, Links.NO_CLAIM, "");
        return new Outbox(network.port(id), log, links, new StateChecks(id, new int[] {1}, 0), MemoryStorage.CLUSTER,
            id, 1L << 32 | id, 1_000 + id, true, "");
    }

    /** A little time passes; the disk may fail, which the process does not survive. */
    private void cycle() {
        final long end = schedule.now() + STEP_NS;
        schedule.at(end, () -> { });
        while (schedule.runNext(end)) {
            // forces end
        }
        boolean failed = false;
        try {
            node.doWork(schedule.now());
        } catch (StorageException e) {
            failed = true;
        }
        for (int peer = 2; peer <= 3; peer++) {
            network.port(peer).poll((buffer, offset, length) -> {
                frame.wrap(buffer, offset);
                hear();
            }, 100);
        }
        if (failed) {
            crashAndRestart();
        }
    }

    private void hear() {
        newestTermTold = Math.max(newestTermTold, frame.term());
        if (frame.term() == term && frame.kind() == FrameView.Kind.VOTE && frame.isSuccess()) {
            voters.add(frame.to());
        }
        if (frame.term() == term && frame.kind() == FrameView.Kind.APPEND_RESULT && frame.isSuccess()) {
            acknowledged = Math.max(acknowledged, frame.matchIndex());
        }
    }

    @Test
    @DisplayName("T-36 with T-12: no second vote in a term, wherever it crashes")
    void noSecondVoteWhereverItCrashes() {
        for (int seed = 0; seed < SEEDS; seed++) {
            newWorld(seed);
            for (term = 1; term <= 4; term++) {
                voters.clear();
                for (int requests = 0; requests < 6; requests++) {
                    peer(2 + random.nextInt(2), new RingLog(1, 1)).requestVote(0, term, 0, 0, false);
                    cycle();
                    if (random.nextBoolean()) {
                        crashAndRestart();
                    }
                }
                assertTrue(voters.size() <= 1, "seed " + seed + ": both have a vote in term " + term);
            }
        }
    }

    @Test
    @DisplayName("T-36 with T-33, T-35: acknowledged entries survive, and a suffix that was cut does not come back")
    void whatWasPromisedSurvivesAnyCrash() {
        long promised = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            newWorld(seed);
            final List<Long> leaders = new ArrayList<>();
            for (term = 1; term <= 6; term++) {
                // Nothing is committed, so the next leader may lack any of it: it begins with a part of the log.
                final int kept = leaders.isEmpty() ? 0 : random.nextInt(leaders.size() + 1);
                leaders.subList(kept, leaders.size()).clear();
                for (int entries = 1 + random.nextInt(5); entries > 0; entries--) {
                    leaders.add(term);
                }
                acknowledged = 0;
                leads(2 + (int) term % 2, leaders);
                promised += acknowledged;
                assertHolds(leaders.subList(0, (int) acknowledged), "seed " + seed + ", term " + term);
            }
        }
        assertTrue(promised > SEEDS, "acknowledged in all: " + promised);
    }

    private void leads(int peer, List<Long> terms) {
        final RingLog log = new RingLog(64, COMMAND_BYTES);
        terms.forEach(entryTerm -> log.append(entryTerm, RaftLog.COMMAND, COMMAND, 0, COMMAND_BYTES));
        for (int messages = 2 + random.nextInt(6); messages > 0; messages--) {
            final int prev = random.nextInt(terms.size() + 1);
            final int last = prev + random.nextInt(terms.size() - prev + 1);
            peer(peer, log).appendEntries(0, term, schedule.now() + 1, prev, prev == 0 ? 0 : terms.get(prev - 1), 0,
                last);
            for (int cycles = random.nextInt(30); cycles > 0; cycles--) {
                cycle();
            }
            if (random.nextInt(3) == 0) {
                crashAndRestart();
                assertHolds(terms.subList(0, (int) acknowledged), "term " + term);
            }
        }
        crashAndRestart();
    }

    private void assertHolds(List<Long> terms, String when) {
        final List<Long> held = new ArrayList<>();
        storage.log().recoveredTerms((entryTerm, first, last) -> {
            for (long index = first; index <= last; index++) {
                held.add(entryTerm);
            }
        });
        assertTrue(held.size() >= terms.size(), () -> when + ": acknowledged " + terms + ", left " + held);
        assertEquals(terms, held.subList(0, terms.size()), when);
    }
}
