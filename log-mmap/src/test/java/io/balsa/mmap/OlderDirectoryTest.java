package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.raft.RaftAgent;
import io.balsa.raft.RaftConfig;
import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.Storage.Identity;
import io.balsa.raft.spi.Storage.Standing;
import io.balsa.raft.testkit.Faults;
import io.balsa.raft.testkit.Schedule;
import io.balsa.raft.testkit.SimNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody puts files of an older time back: what was promised since is forgotten. */
class OlderDirectoryTest {
    private static final Identity WITNESS = new Identity(Directories.IDENTITY.clusterId(), 0, 0xCAFE, true);
    private static final Identity MEMBER = new Identity(Directories.IDENTITY.clusterId(), 1, 0x5704E, true);

    @TempDir
    private Path temp;
    private Path dir;
    private Path older;
    private final Schedule schedule = new Schedule();
    private final SimNetwork network = new SimNetwork(2, new int[] {4 << 10, 32 << 10, 32 << 10},
        new int[] {64 << 10, 1 << 20, 1 << 20}, schedule, new SplittableRandom(2), Faults.none().network(),
        SimNetwork.Observer.NONE);
    private final List<RaftAgent<Long>> agents = new ArrayList<>();
    private long nowNs;

    @BeforeEach
    void anOlderCopyIsKept() {
        dir = temp.resolve("node");
        MmapStorage.format(dir, MEMBER);
        Directories.use(dir, storage -> {
            storage.votes().persist(1, 0);
            Directories.appendDurably(storage.log(), 1, 3, 100);
        });
        older = Directories.copy(dir, temp.resolve("older"));
    }

    @AfterEach
    void close() {
        agents.forEach(RaftAgent::close);
    }

    private void useIt() {
        Directories.use(dir, storage -> {
            storage.votes().persist(2, 1);
            Directories.appendDurably(storage.log(), 2, 3, 100);
        });
    }

    @Test
    void anOlderLogUnderTheVoteFileOfTodayIsRefusedAndRebuilt() throws IOException {
        useIt();
        Directories.delete(dir.resolve("log"));
        Files.move(older.resolve("log"), dir.resolve("log"));
        assertRefused("ends at record", "--rebuild");
        assertEquals(Standing.REBUILDING, MmapStorage.prepareRebuild(dir, MEMBER.clusterId(), MEMBER.nodeId()));
    }

    @Test
    void anOlderVoteFileUnderTheLogOfTodayIsRefusedAndItsVotesAreLost() throws IOException {
        useIt();
        Files.copy(VoteFile.path(older), VoteFile.path(dir), StandardCopyOption.REPLACE_EXISTING);
        assertRefused(VoteFile.path(dir) + " is older than the log", "--rebuild");
        assertEquals(Standing.VOTE_LOST, MmapStorage.prepareRebuild(dir, MEMBER.clusterId(), MEMBER.nodeId()),
            "although both of its slots are sound");
        Directories.use(dir, storage -> {
            assertEquals(Standing.VOTE_LOST, storage.identity().standing());
            assertTrue(storage.boot() >>> 32 > 2, "its runs are counted on");
        });
    }

    private void assertRefused(String... mentions) {
        final LogCorruptException refused =
            assertThrows(LogCorruptException.class, () -> MmapStorage.open(dir, Directories.SMALL).close());
        assertFalse(refused.getMessage().contains("\n"), "one line");
        for (final String mention : mentions) {
            assertTrue(refused.getMessage().contains(mention), refused.getMessage());
        }
        assertEquals(List.of(refused.getMessage()), LogVerify.verify(dir));
    }

    @Test
    void aWholeOlderDirectoryIsNoticedWhereAPeerRemembersMoreAndVotesNoMore() {
        final Path other = temp.resolve("witness");
        MmapStorage.format(other, WITNESS);
        final RaftAgent<Long> witness = start(other, 0);
        final RaftAgent<Long> original = start(dir, 1);
        turns(witness, original);
        network.disconnect(1);
        original.close();
        agents.remove(original);
        Directories.delete(dir);
        Directories.copy(older, dir);

        final RaftAgent<Long> copy = start(dir, 1);
        final RaftException stopped = assertThrows(RaftException.class, () -> turns(witness, copy));
        assertTrue(stopped.getMessage().startsWith("node 0 knows a later state of this directory"),
            stopped.getMessage());
        copy.close();
        agents.remove(copy);
        Directories.use(dir, storage -> {
            assertEquals(Standing.VOTE_LOST, storage.identity().standing());
            assertTrue(storage.votes().currentTerm() <= 1, "it has voted for nobody meanwhile");
        });
    }

    private RaftAgent<Long> start(Path directory, int node) {
        final MmapStorage storage = MmapStorage.open(directory, Directories.SMALL);
        final RaftAgent<Long> agent = new RaftAgent<>(RaftConfig.of(node, List.of(0, 1))
            .withLimits(64, 64 << 10, 1 << 18, 64), storage, network.connect(node),
            (index, term, command, offset, length) -> index, Runnable::run, new SplittableRandom(node), nowNs);
        agents.add(agent);
        return agent;
    }

    /** Time goes by, much of it: the forces of real files take theirs. */
    private void turns(RaftAgent<Long> witness, RaftAgent<Long> other) {
        for (int i = 0; i < 3_000; i++) {
            nowNs += 1_000_000;
            while (schedule.runNext(nowNs)) {
                // frames arrive
            }
            witness.doWork(nowNs);
            other.doWork(nowNs);
        }
    }
}
