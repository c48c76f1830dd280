package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;

import io.balsa.raft.spi.RaftException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody copies a directory back from an older time: it has forgotten votes and entries, and may not know. */
class OlderCopyTest {
    private static final long KNOWN_RUN = 7;

    private final Loopback network = new Loopback(2, 1 << 12);
    private final RaftAgent<Long> witness = agent(new MemoryStorage(1, new RingLog(64, 64)), 1);
    private long nowNs;

    private RaftAgent<Long> agent(MemoryStorage storage, int id) {
        return new RaftAgent<>(RaftConfig.of(id, List.of(1, 2)).withLimits(64, 1 << 16, 1 << 17, 64), storage,
            network.port(id), (index, term, command, offset, length) -> index, Runnable::run,
            new SplittableRandom(id), nowNs);
    }

    private void turns(RaftAgent<Long> other, int cycles) {
        for (int i = 0; i < cycles; i++) {
            nowNs += 1_000_000;
            witness.doWork(nowNs);
            other.doWork(nowNs);
        }
    }

    @ParameterizedTest(name = "run {0}")
    @ValueSource(longs = {1, 3, KNOWN_RUN - 1})
    @DisplayName("a peer that has met a later run says so: the copy stops, and has lost its votes")
    void aPeerThatHasMetALaterRunSaysSo(long run) {
        final RaftAgent<Long> original = agent(new MemoryStorage(2, new RingLog(64, 64), KNOWN_RUN), 2);
        turns(original, 200);
        original.close();

        final MemoryStorage copied = new MemoryStorage(2, new RingLog(64, 64), run);
        final RaftAgent<Long> copy = agent(copied, 2);
        final RaftException stopped = assertThrows(RaftException.class, () -> turns(copy, 1_000));
        assertTrue(stopped.getMessage().startsWith("node 1 knows a later state of this directory"),
            stopped.getMessage());
        assertEquals(KNOWN_RUN, copied.votes.demotedFrom, "its runs are counted on from there");
        assertEquals(-1, copied.votes.votedFor(), "it has voted for nobody meanwhile");
    }

    @Test
    @DisplayName("a later run of the same directory is no copy")
    void aLaterRunIsNoCopy() {
        final RaftAgent<Long> original = agent(new MemoryStorage(2, new RingLog(64, 64), KNOWN_RUN), 2);
        turns(original, 200);
        original.close();
        final MemoryStorage reopened = new MemoryStorage(2, new RingLog(64, 64), KNOWN_RUN + 1);
        turns(agent(reopened, 2), 1_000);
        assertEquals(0, reopened.votes.demotedFrom);
    }
}
