package io.balsa.raft.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.spi.SnapshotStore.Receiving;
import io.balsa.raft.spi.SnapshotStore.Snapshot;
import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.spi.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link SnapshotStore} must do. An adapter extends this, and says how the stores of two members of one
 * cluster are opened and crash.
 */
public abstract class SnapshotStoreContract {
    private static final SortedSet<Integer> MEMBERS = new TreeSet<>(List.of(1, 2, 3));
    private static final int SMALL = 1_000;
    private static final int BIG = (3 << 20) + 17;
    private static final int PIECE = 64_000;
    private static final int HERE = 0;
    private static final int THERE = 1;

    private SnapshotStore store;
    private SnapshotStore other;

    /** Opens the store of this member, 0 or 1: a new one at first, then what the last crash left. */
    protected abstract SnapshotStore open(int member) throws Exception;

    /** Ends the open store of member 0 as a crash would. */
    protected abstract void crash() throws Exception;

    /** A bit in the state of member 0's newest snapshot flips. */
    protected abstract void damageNewest() throws Exception;

    /** Whether from now on the disk of member 0 refuses what is written to it. */
    protected abstract void setDiskBroken(boolean broken) throws Exception;

    @BeforeEach
    void openNewStores() throws Exception {
        store = open(HERE);
        other = open(THERE);
    }

    @Test
    void aNewStoreHasNone() {
        assertEquals(Optional.empty(), store.newest());
    }

    @Test
    void whatWasSavedIsTheNewestAndReadsBackAlsoAfterACrash() throws Exception {
        for (final int length : new int[] {0, SMALL, 1 << 20, BIG}) {
            final Snapshot saved = save(store, 7 + length, length);
            assertEquals(7 + length, saved.index());
            assertEquals(3, saved.term());
            assertEquals(77, saved.stateHash());
            assertTrue(saved.length() >= length, "all of it is to be sent");
            assertHolds(store, saved, length);
            crashAndReopen();
            assertHolds(store, saved, length);
            discardAll();
        }
    }

    @Test
    void twoAreKeptAndOlderOnesAreGone() throws Exception {
        final Snapshot first = save(store, 10, SMALL);
        final Snapshot second = save(store, 20, SMALL + 1);
        assertState(store, first, SMALL);
        final Snapshot third = save(store, 30, SMALL + 2);
        for (int open = 0; open < 2; open++) {
            assertThrows(StorageException.class, () -> store.open(first));
            assertThrows(StorageException.class, () -> bytes(store, first));
            assertState(store, second, SMALL + 1);
            assertHolds(store, third, SMALL + 2);
            crashAndReopen();
        }
    }

    @Test
    void whereIndexTermMembersAndStateAreEqualTheSnapshotsAre() throws Exception {
        final Snapshot here = save(store, 10, BIG);
        final Snapshot there = other.save(10, 3, 77, MEMBERS, out -> out.write(state(BIG)));
        assertEquals(here, there);
        assertArrayEquals(bytes(store, here), bytes(other, there));
    }

    @Test
    void whereAnyOfItDiffersTheContentDoes() {
        final Snapshot base = other.save(10, 3, 77, MEMBERS, view(SMALL));
        final List<Snapshot> different = List.of(
            store.save(10, 4, 77, MEMBERS, view(SMALL)),
            store.save(11, 3, 77, MEMBERS, view(SMALL)),
            store.save(12, 3, 78, MEMBERS, view(SMALL)),
            store.save(13, 3, 77, new TreeSet<>(List.of(1, 2)), view(SMALL)),
            store.save(14, 3, 77, MEMBERS, view(SMALL + 1)));
        for (final Snapshot one : different) {
            assertNotEquals(base.contentHash(), one.contentHash(), one.toString());
        }
    }

    @Test
    void whatIsReadPieceByPieceIsReceivedWhole() throws Exception {
        for (final int length : new int[] {0, SMALL, BIG}) {
            final Snapshot sent = save(other, 10 + length, length);
            final Receiving receiving = store.receive(sent);
            assertEquals(0, receiving.position());
            transfer(sent, receiving, sent.length());
            assertTrue(receiving.complete());
            assertHolds(store, sent, length);
            assertArrayEquals(bytes(other, sent), bytes(store, sent));
            crashAndReopen();
            assertHolds(store, sent, length);
        }
    }

    @Test
    void whatWasReceivedCanBeSentOn() throws Exception {
        final Snapshot sent = save(store, 10, BIG);
        final Receiving receiving = other.receive(sent);
        write(receiving, bytes(store, sent), 0, (int) sent.length());
        assertTrue(receiving.complete());
        assertArrayEquals(bytes(store, sent), bytes(other, sent));
    }

    @Test
    void receivingGoesOnWhereItStopped() throws Exception {
        final Snapshot sent = save(other, 10, BIG);
        transfer(sent, store.receive(sent), 2 * PIECE);
        assertEquals(Optional.empty(), store.newest(), "a half one is no snapshot");
        final Receiving resumed = store.receive(sent);
        assertEquals(2 * PIECE, resumed.position());
        transfer(sent, resumed, sent.length());
        assertTrue(resumed.complete());
        assertHolds(store, sent, BIG);
    }

    @Test
    void anotherSnapshotDiscardsTheOneBegunBefore() throws Exception {
        final Snapshot first = save(other, 10, BIG);
        final Snapshot second = save(other, 11, BIG);
        final Receiving begun = store.receive(first);
        transfer(first, begun, PIECE);
        final Receiving replacing = store.receive(second);
        assertEquals(0, replacing.position());
        assertThrows(IllegalStateException.class, () -> write(begun, new byte[1], 0, 1));
        assertThrows(IllegalStateException.class, begun::complete);
        assertEquals(0, store.receive(first).position());
        transfer(second, store.receive(second), second.length());
        assertTrue(store.receive(second).complete());
        assertHolds(store, second, BIG);
    }

    /** A new leader may hold another snapshot of the same entry, where a state machine is not deterministic. */
    @Test
    void otherContentOfTheSameEntryBeginsAnew() throws Exception {
        final Snapshot sent = save(other, 10, BIG);
        transfer(sent, store.receive(sent), PIECE);
        final Snapshot differs = new Snapshot(10, 3, 77, sent.contentHash() + 1, sent.length());
        assertEquals(0, store.receive(differs).position());
    }

    @Test
    void whatWasDiscardedBeginsAnew() throws Exception {
        final Snapshot sent = save(other, 10, BIG);
        final Receiving begun = store.receive(sent);
        transfer(sent, begun, PIECE);
        begun.discard();
        begun.discard();
        assertThrows(IllegalStateException.class, () -> write(begun, new byte[1], 0, 1));
        assertEquals(0, store.receive(sent).position());
    }

    @Test
    void aHalfReceivedOneDoesNotSurviveACrash() throws Exception {
        final Snapshot kept = save(store, 5, SMALL);
        final Snapshot sent = save(other, 10, BIG);
        transfer(sent, store.receive(sent), 2 * PIECE);
        crashAndReopen();
        assertHolds(store, kept, SMALL);
        assertEquals(0, store.receive(sent).position());
    }

    @Test
    void wrongBytesAreRefusedWhereverTheyAre() throws Exception {
        final Snapshot kept = save(store, 5, SMALL);
        final Snapshot sent = save(other, 10, BIG);
        final byte[] right = bytes(other, sent);
        final int last = right.length - 1;
        for (final int wrong : new int[] {0, 12, 20, 60, 200, right.length / 2, last - 45, last - 20, last}) {
            final byte[] bytes = right.clone();
            bytes[wrong] ^= 1;
            final Receiving receiving = store.receive(sent);
            write(receiving, bytes, 0, bytes.length);
            assertFalse(receiving.complete(), "byte " + wrong + " of " + bytes.length);
            assertHolds(store, kept, SMALL);
            assertThrows(StorageException.class, () -> store.open(sent));
            assertEquals(0, store.receive(sent).position(), "discarded");
        }
        final Receiving again = store.receive(sent);
        write(again, right, 0, right.length);
        assertTrue(again.complete());
        assertHolds(store, sent, BIG);
    }

    @Test
    void tooFewBytesAreRefused() throws Exception {
        final Snapshot sent = save(other, 10, SMALL);
        final Receiving receiving = store.receive(sent);
        transfer(sent, receiving, sent.length() - 1);
        assertFalse(receiving.complete());
        assertEquals(Optional.empty(), store.newest());
        assertEquals(0, store.receive(sent).position());
    }

    @Test
    void moreBytesThanAnnouncedAreRefused() throws Exception {
        final Snapshot sent = save(other, 10, SMALL);
        final Receiving receiving = store.receive(sent);
        transfer(sent, receiving, sent.length());
        assertThrows(IllegalArgumentException.class, () -> write(receiving, new byte[1], 0, 1));
    }

    @Test
    void aSnapshotThatIsNotTheAnnouncedOneIsRefused() throws Exception {
        final Snapshot sent = save(other, 10, SMALL);
        final byte[] bytes = bytes(other, sent);
        for (final Snapshot announced : List.of(
            new Snapshot(11, 3, 77, sent.contentHash(), sent.length()),
            new Snapshot(10, 4, 77, sent.contentHash(), sent.length()),
            new Snapshot(10, 3, 78, sent.contentHash(), sent.length()),
            new Snapshot(10, 3, 77, sent.contentHash() + 1, sent.length()))) {
            final Receiving receiving = store.receive(announced);
            write(receiving, bytes, 0, bytes.length);
            assertFalse(receiving.complete(), announced.toString());
            assertEquals(Optional.empty(), store.newest());
        }
    }

    @Test
    void aViewThatThrowsLeavesNothing() throws Exception {
        final Snapshot kept = save(store, 5, SMALL);
        final IllegalStateException thrown = new IllegalStateException("planted");
        assertSame(thrown, assertThrows(IllegalStateException.class, () -> store.save(10, 3, 77, MEMBERS, out -> {
            out.write(state(BIG));
            throw thrown;
        })));
        final IOException failed = new IOException("planted");
        assertSame(failed, assertThrows(StorageException.class, () -> store.save(11, 3, 77, MEMBERS, out -> {
            out.write(state(BIG));
            throw failed;
        })).getCause());
        assertHolds(store, kept, SMALL);
        final Snapshot next = save(store, 12, SMALL);
        assertState(store, kept, SMALL);
        crashAndReopen();
        assertHolds(store, next, SMALL);
        assertState(store, kept, SMALL);
    }

    @Test
    void aViewThatClosesItsStreamDoesNoHarm() throws Exception {
        final Snapshot saved = store.save(5, 3, 77, MEMBERS, out -> {
            try (out) {
                out.write(state(SMALL));
            }
        });
        assertHolds(store, saved, SMALL);
    }

    @Test
    void theNewestNeverGoesBack() throws Exception {
        final Snapshot older = save(other, 9, SMALL);
        final Snapshot newer = save(store, 20, SMALL);
        save(store, 10, SMALL);
        assertHolds(store, newer, SMALL);
        final Receiving receiving = store.receive(older);
        transfer(older, receiving, older.length());
        assertTrue(receiving.complete(), "it is what was announced");
        assertHolds(store, newer, SMALL);
        crashAndReopen();
        assertHolds(store, newer, SMALL);
    }

    /** So that one which cannot be read any more is written anew, though nothing has been applied since. */
    @Test
    void aSnapshotOfTheSameEntryTakesThePlaceOfTheFormerOneAlone() throws Exception {
        final Snapshot before = save(store, 5, SMALL);
        save(store, 9, BIG);
        final Snapshot again = save(store, 9, SMALL);
        assertHolds(store, again, SMALL);
        store.open(before).close();
        crashAndReopen();
        assertHolds(store, again, SMALL);
        store.open(before).close();
    }

    /** One thread saves while another receives and reads: neither waits for the other, and the newer one stays. */
    @Test
    void whileOneIsSavedANewerOneIsReceivedAndReadAndStaysTheNewest() throws Exception {
        final Snapshot kept = save(store, 5, SMALL);
        final Snapshot newer = save(other, 20, BIG);
        final Snapshot older = store.save(10, 3, 77, MEMBERS, out -> {
            out.write(state(BIG), 0, BIG / 2);
            inAnotherThread(() -> {
                assertHolds(store, kept, SMALL);
                final Receiving receiving = store.receive(newer);
                transfer(newer, receiving, newer.length());
                assertTrue(receiving.complete());
                assertHolds(store, newer, BIG);
                return null;
            });
            out.write(state(BIG), BIG / 2, BIG - BIG / 2);
        });
        assertEquals(10, older.index());
        assertHolds(store, newer, BIG);
        assertThrows(StorageException.class, () -> store.open(older));
        crashAndReopen();
        assertHolds(store, newer, BIG);
    }

    private static void inAnotherThread(Callable<Void> work) {
        final CompletableFuture<Void> done = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                done.complete(work.call());
            } catch (Exception | AssertionError e) {
                done.completeExceptionally(e);
            }
        });
        done.orTimeout(60, TimeUnit.SECONDS).join();
    }

    @Test
    void damageIsNoticedNotHandedOver() throws Exception {
        final Snapshot saved = save(store, 10, BIG);
        damageNewest();
        assertEquals(Optional.of(saved), store.newest());
        assertThrows(LogCorruptException.class, () -> stateOf(store, saved));
    }

    @Test
    void aBrokenDiskChangesNothingAndItMayBeTriedAgain() throws Exception {
        final Snapshot kept = save(store, 5, SMALL);
        final Snapshot sent = save(other, 20, BIG);
        final Receiving begun = store.receive(sent);
        transfer(sent, begun, sent.length());
        setDiskBroken(true);
        assertThrows(StorageException.class, () -> save(store, 10, BIG));
        assertThrows(StorageException.class, begun::complete);
        assertThrows(StorageException.class, () -> store.receive(sent));
        assertHolds(store, kept, SMALL);
        setDiskBroken(false);
        final Snapshot saved = save(store, 10, BIG);
        assertHolds(store, saved, BIG);
        final Receiving again = store.receive(sent);
        assertEquals(0, again.position());
        transfer(sent, again, sent.length());
        assertTrue(again.complete());
        assertHolds(store, sent, BIG);
    }

    @Test
    void bytesBeyondTheEndAreNotRead() throws Exception {
        final Snapshot saved = save(store, 10, SMALL);
        final UnsafeBuffer target = new UnsafeBuffer(new byte[SMALL]);
        assertThrows(IllegalArgumentException.class, () -> store.read(saved, saved.length() - 9, target, 0, 10));
        assertThrows(IllegalArgumentException.class, () -> store.read(saved, -1, target, 0, 10));
        store.read(saved, saved.length() - 10, target, 5, 10);
        final byte[] all = bytes(store, saved);
        for (int i = 0; i < 10; i++) {
            assertEquals(all[all.length - 10 + i], target.getByte(5 + i));
        }
    }

    private void crashAndReopen() throws Exception {
        crash();
        store = open(HERE);
    }

    /** Leaves the store with newer snapshots only than those a test looked at. */
    private void discardAll() {
        final long index = store.newest().orElseThrow().index();
        assertNotNull(store.save(index + 1, 3, 77, MEMBERS, view(1)));
        assertNotNull(store.save(index + 2, 3, 77, MEMBERS, view(2)));
    }

    private static Snapshot save(SnapshotStore store, long index, int length) {
        return store.save(index, 3, 77, MEMBERS, view(length));
    }

    /** A state of so many bytes, written in pieces of all sizes. */
    private static StateMachine.View view(int length) {
        final byte[] state = state(length);
        return out -> {
            int done = 0;
            for (int size = 0; done < length; size = size * 3 + 1) {
                done += writeSome(out, state, done, Math.min(size, length - done));
            }
        };
    }

    private static int writeSome(OutputStream out, byte[] state, int from, int length) throws IOException {
        if (length == 1) {
            out.write(state[from]);
        } else {
            out.write(state, from, length);
        }
        return length;
    }

    private static byte[] state(int length) {
        final byte[] state = new byte[length];
        new SplittableRandom(length).nextBytes(state);
        return state;
    }

    private static void assertHolds(SnapshotStore store, Snapshot newest, int length) throws IOException {
        assertEquals(Optional.of(newest), store.newest());
        assertState(store, newest, length);
    }

    private static void assertState(SnapshotStore store, Snapshot snapshot, int length) throws IOException {
        assertArrayEquals(state(length), stateOf(store, snapshot));
    }

    private static byte[] stateOf(SnapshotStore store, Snapshot snapshot) throws IOException {
        try (InputStream in = store.open(snapshot)) {
            return in.readAllBytes();
        }
    }

    /** All that is to be sent. */
    private static byte[] bytes(SnapshotStore store, Snapshot snapshot) {
        final byte[] bytes = new byte[(int) snapshot.length()];
        store.read(snapshot, 0, new UnsafeBuffer(bytes), 0, bytes.length);
        return bytes;
    }

    /** Sends from the other member's store, until this many bytes have arrived. */
    private void transfer(Snapshot snapshot, Receiving receiving, long until) {
        final UnsafeBuffer piece = new UnsafeBuffer(new byte[PIECE]);
        while (receiving.position() < until) {
            final int length = (int) Math.min(PIECE, until - receiving.position());
            other.read(snapshot, receiving.position(), piece, 0, length);
            receiving.write(piece, 0, length);
        }
    }

    private static void write(Receiving receiving, byte[] bytes, int from, int length) {
        receiving.write(new UnsafeBuffer(bytes), from, length);
    }
}
