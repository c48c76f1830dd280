package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.raft.Completion;
import io.balsa.raft.Outcome;
import io.balsa.raft.RaftAgent;
import io.balsa.raft.RaftConfig;
import io.balsa.raft.core.Role;
import io.balsa.raft.spi.Durability;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.spi.Storage.Identity;
import io.balsa.raft.testkit.Faults;
import io.balsa.raft.testkit.Schedule;
import io.balsa.raft.testkit.SimNetwork;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A group of three on real files, whose power fails again and again, at any moment: what was acknowledged is there
 * afterwards, and was executed once; where entries count in memory, as long as it fails for one at a time. Snapshots
 * are taken and the log is compacted all the time.
 */
class PowerCutTest {
    private static final int NODES = 3;
    private static final long CLUSTER = 0xBA15A;
    private static final MmapConfig SMALL = new MmapConfig(256 << 10, 256 << 10, SnapshotPace.unpaced());
    private static final long PATIENCE_NS = 60_000_000_000L;

    @TempDir
    private Path base;

    private final SplittableRandom random = new SplittableRandom(Long.getLong("seed", 1));
    private final Schedule schedule = new Schedule();
    private final SimNetwork network = new SimNetwork(NODES, new int[] {4 << 10, 32 << 10, 32 << 10},
        new int[] {64 << 10, 1 << 20, 1 << 20}, schedule, new SplittableRandom(2), Faults.none().network(),
        SimNetwork.Observer.NONE);
    private final long startNs = System.nanoTime();
    private final Path[] dirs = new Path[NODES];
    private final PowerCut[] disks = new PowerCut[NODES];
    private final Ids[] machines = new Ids[NODES];
    private final List<RaftAgent<Long>> agents = new ArrayList<>();
    private final Set<Long> acknowledged = new HashSet<>();
    private Durability durability = Durability.FORCED;
    private long nextId = 1;
    private int generation;
    private int insideRecovery;

    /** Every command is a number that was never used before. */
    private static final class Ids implements StateMachine<Long> {
        private Set<Long> seen = new HashSet<>();
        private long hash;

        @Override
        public Long apply(long index, long term, DirectBuffer command, int offset, int length) {
            final long id = command.getLong(offset);
            if (!seen.add(id)) {
                throw new AssertionError("command " + id + " is executed twice");
            }
            hash = hash * 31 + id;
            return id;
        }

        @Override
        public long stateHash() {
            return hash;
        }

        @Override
        public Optional<View> freeze() {
            final long[] ids = seen.stream().mapToLong(Long::longValue).sorted().toArray();
            final long frozen = hash;
            return Optional.of(stream -> {
                final DataOutputStream out = new DataOutputStream(stream);
                out.writeLong(frozen);
                out.writeInt(ids.length);
                for (final long id : ids) {
                    out.writeLong(id);
                }
                out.flush();
            });
        }

        @Override
        public void restore(InputStream state) throws IOException {
            final DataInputStream in = new DataInputStream(state);
            hash = in.readLong();
            final Set<Long> restored = new HashSet<>();
            for (int left = in.readInt(); left > 0; left--) {
                restored.add(in.readLong());
            }
            seen = restored;
        }
    }

    /** Told what became of one command. */
    private final class Told implements Completion<Long> {
        private final long id;

        Told(long id) {
            this.id = id;
        }

        @Override
        public void onCommitted(long index, Long reply) {
            acknowledged.add(id);
        }

        @Override
        public void onRejected(Outcome.Reason reason, int leaderHint) {
            // it never was
        }

        @Override
        public void onIndeterminate(Outcome.Cause cause) {
            // it may have been executed; at most once
        }
    }

    private long nowNs() {
        return System.nanoTime() - startNs;
    }

    private void found() throws IOException {
        for (int node = 0; node < NODES; node++) {
            dirs[node] = base.resolve("0-" + node);
            MmapStorage.format(dirs[node], new Identity(CLUSTER, node, 1_000 + node, true).with(durability));
            agents.add(null);
        }
    }

    /** Opens a node's directory, where the power may fail again; then as often as it takes. */
    private void start(int node, boolean failsAgain) throws IOException {
        boolean mayFail = failsAgain;
        while (agents.get(node) == null) {
            disks[node] = new PowerCut(dirs[node], random.split());
            final Path next = base.resolve(++generation + "-" + node);
            if (mayFail) {
                disks[node].cutWithin(random.nextInt(40), next);
            }
            final Optional<MmapStorage> storage = open(node);
            if (storage.isPresent() && disks[node].staysOn()) {
                machines[node] = new Ids();
                agents.set(node, new RaftAgent<>(RaftConfig.of(node, List.of(0, 1, 2))
                    .withTimeouts(Duration.ofMillis(150), Duration.ofMillis(20)).withLimits(64, 64 << 10, 1 << 20, 256)
                    .withSnapshots(8 << 10, 2 << 10), storage.get(), network.connect(node), machines[node],
                    Runnable::run, random.split(), nowNs()));
            } else {
                storage.ifPresent(PowerCutTest::closeDead);
                insideRecovery++;
                mayFail = false;
                moveTo(node, next);
            }
        }
    }

    private Optional<MmapStorage> open(int node) {
        try {
            return Optional.of(MmapStorage.open(dirs[node], SMALL, disks[node]));
        } catch (RaftException failed) {
            if (!disks[node].isOff()) {
                throw failed;
            }
            return Optional.empty();
        }
    }

    private static void closeDead(MmapStorage storage) {
        try {
            storage.close();
        } catch (RaftException expected) {
            // its threads find out that the power is off
        }
    }

    private void moveTo(int node, Path next) throws IOException {
        try (Stream<Path> old = Files.walk(dirs[node])) {
            for (final Path path : old.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
        dirs[node] = next;
    }

    private void cut(int node) throws IOException {
        final Path next = base.resolve(++generation + "-" + node);
        disks[node].cut(next);
        network.disconnect(node);
        try {
            agents.get(node).close();
        } catch (RaftException expected) {
            // its threads find out that the power is off
        }
        agents.set(node, null);
        moveTo(node, next);
    }

    private void turn() {
        final long nowNs = nowNs();
        while (schedule.runNext(nowNs)) {
            // frames arrive
        }
        for (int node = 0; node < NODES; node++) {
            if (agents.get(node) != null) {
                agents.get(node).doWork(nowNs());
            }
        }
    }

    /** Lets clients write until so many more commands were acknowledged. */
    private void acknowledge(int commands) {
        final int goal = acknowledged.size() + commands;
        final long deadlineNs = nowNs() + PATIENCE_NS;
        while (acknowledged.size() < goal) {
            for (final RaftAgent<Long> agent : agents) {
                if (agent != null && agent.status().role() == Role.LEADER && random.nextInt(4) == 0) {
                    offer(agent);
                }
            }
            turn();
            assertTrue(nowNs() < deadlineNs, () -> "no progress: " + agents.stream()
                .map(agent -> agent == null ? "down" : agent.status().toString()).toList());
        }
    }

    private void offer(RaftAgent<Long> agent) {
        final UnsafeBuffer command = new UnsafeBuffer(new byte[8 + random.nextInt(56)]);
        command.putLong(0, nextId);
        agent.offer(command, 0, command.capacity(), new Told(nextId++));
    }

    private void requireNothingLost() {
        acknowledge(1); // whoever answered this has applied all before it
        for (int node = 0; node < NODES; node++) {
            if (agents.get(node).status().role() == Role.LEADER) {
                final Set<Long> missing = new HashSet<>(acknowledged);
                missing.removeAll(machines[node].seen);
                assertEquals(Set.of(), missing, "acknowledged, and lost");
                return;
            }
        }
    }

    /** Where entries count in memory, only a minority may lack some: the next cut waits for this node. */
    private void awaitVote(int node) {
        final long deadlineNs = nowNs() + PATIENCE_NS;
        while (!agents.get(node).status().voter()) {
            turn();
            assertTrue(nowNs() < deadlineNs, () -> "node " + node + " does not come to vote");
        }
    }

    private void play(int cuts) throws IOException {
        found();
        for (int node = 0; node < NODES; node++) {
            start(node, false);
        }
        for (int cut = 1; cut <= cuts; cut++) {
            acknowledge(1 + random.nextInt(100));
            final int victim = random.nextInt(NODES);
            final boolean all = random.nextInt(3) > 0 && durability == Durability.FORCED;
            for (int node = 0; node < NODES; node++) {
                if (all || node == victim) {
                    cut(node);
                }
            }
            for (int node = 0; node < NODES; node++) {
                if (agents.get(node) == null) {
                    start(node, cut % 10 == 0 && (node == victim || random.nextBoolean()));
                }
            }
            requireNothingLost();
            awaitVote(victim);
        }
        assertTrue(insideRecovery > 0 || cuts < 10, "the power never failed inside a recovery");
        System.out.println(cuts + " power cuts, " + insideRecovery + " more inside a recovery, " + acknowledged.size()
            + " commands acknowledged and kept, " + agents.stream().map(agent -> agent.status().snapshots()).toList());
    }

    @AfterEach
    void end() {
        for (final RaftAgent<Long> agent : agents) {
            if (agent != null) {
                agent.close();
            }
        }
    }

    @Test
    @DisplayName("thirty power cuts")
    void whatWasAcknowledgedSurvivesThirtyPowerCuts() throws IOException {
        play(30);
    }

    @Test
    @DisplayName("thirty power cuts of one node after the other, where entries count in memory")
    void whatWasAcknowledgedInMemorySurvivesThirtyPowerCutsOfOneNode() throws IOException {
        durability = Durability.MEMORY_QUORUM;
        play(30);
    }

    @Test
    @Tag("soak")
    @DisplayName("a thousand power cuts")
    void whatWasAcknowledgedSurvivesAThousandPowerCuts() throws IOException {
        play(1_000);
    }
}
