package io.balsa.kv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.balsa.raft.spi.RaftException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client holds of a node's snapshots it holds no longer than it asks for it. */
@Timeout(30)
class ClientSnapshotsTest {
    private final AtomicLong nowNs = new AtomicLong(Long.MAX_VALUE - 5); // such a clock overflows
    private final ClientSnapshots snapshots = new ClientSnapshots(nowNs::get);
    private final AtomicInteger closed = new AtomicInteger();

    private InputStream state() {
        return new ByteArrayInputStream(new byte[] {1, 2, 3}) {
            @Override
            public void close() {
                closed.incrementAndGet();
            }
        };
    }

    @Test
    void aFetchThatNobodyAsksOfAnyMoreGivesItsPlaceBack() throws IOException {
        final ClientSnapshots.Fetch silent = snapshots.fetch(this::state);
        final ClientSnapshots.Fetch asking = snapshots.fetch(this::state);
        assertArrayEquals(new byte[] {1}, silent.next(1));
        nowNs.addAndGet(ClientSnapshots.IDLE_NS - 1);
        assertArrayEquals(new byte[] {1, 2}, asking.next(2));
        snapshots.closeIdle();
        assertEquals(0, closed.get(), "not yet");

        nowNs.addAndGet(1);
        snapshots.closeIdle();
        assertEquals(1, closed.get());
        final RaftException gone = assertThrows(RaftException.class, () -> silent.next(1));
        assertTrue(gone.getMessage().contains("nothing of it was asked for 60 s"), gone.getMessage());
        assertArrayEquals(new byte[] {3}, asking.next(2));
        silent.close();
        assertEquals(1, closed.get(), "once is enough");
    }

    @Test
    void silentClientsDoNotKeepOthersOut() {
        for (int i = 0; i < ClientSnapshots.PLACES; i++) {
            snapshots.fetch(this::state);
        }
        assertThrows(RaftException.class, () -> snapshots.fetch(this::state));
        nowNs.addAndGet(ClientSnapshots.IDLE_NS);
        snapshots.fetch(this::state).close();
        assertEquals(ClientSnapshots.PLACES + 1, closed.get());
    }

    @Test
    void aFetchThatWaitsForItsDiskIsNotIdle() throws Exception {
        final CountDownLatch reads = new CountDownLatch(1);
        final CountDownLatch goOn = new CountDownLatch(1);
        final ClientSnapshots.Fetch fetch = snapshots.fetch(() -> new InputStream() {
            @Override
            public int read() throws IOException {
                reads.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                return -1;
            }

            @Override
            public void close() {
                closed.incrementAndGet();
            }
        });
        final Thread client = Thread.ofVirtual().start(() -> {
            try {
                fetch.next(1);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        reads.await();
        nowNs.addAndGet(2 * ClientSnapshots.IDLE_NS);
        snapshots.closeIdle(); // and does not wait for it either
        assertEquals(0, closed.get());
        goOn.countDown();
        client.join();
        snapshots.closeIdle();
        assertEquals(0, closed.get(), "it was asked just now");
    }

    @Test
    void aSnapshotThatCannotBeOpenedTakesNoPlace() {
        for (int i = 0; i <= ClientSnapshots.PLACES; i++) {
            assertThrows(IllegalStateException.class, () -> snapshots.fetch(() -> {
                throw new IllegalStateException("planted");
            }));
        }
        snapshots.fetch(this::state).close();
    }

    @Test
    void oneASecondIsTakenForAllClientsTogether() {
        assertTrue(snapshots.awaitTurn(nowNs.get()));
        assertFalse(snapshots.awaitTurn(nowNs.get()));
        nowNs.addAndGet(ClientSnapshots.APART_NS - 1);
        assertFalse(snapshots.awaitTurn(nowNs.get()));
        nowNs.addAndGet(1);
        assertTrue(snapshots.awaitTurn(nowNs.get()));
        assertFalse(snapshots.awaitTurn(nowNs.get()));
    }
}
