package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.raft.spi.RaftLog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random appends, truncations, compactions, resets, reads, stops and crashes, beside a list that does the same. */
class RandomLogTest {
    private record Entry(long term, UnsafeBuffer command) {
    }

    @TempDir
    private Path temp;
    private Path dir;
    private final StalledDisk disk = new StalledDisk();
    private MmapStorage storage;
    private final List<MmapStorage> killed = new ArrayList<>();
    // null where entries are gone for good
    private final List<Entry> model = new ArrayList<>();
    private long snapshot;
    private long persisted;
    private long persistedTerm;
    private long term = 1;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theLogHoldsWhatTheListHolds(long seed) {
        final Random random = new Random(seed);
        dir = Directories.formatted(temp.resolve("node"));
        storage = MmapStorage.open(dir, Directories.SMALL, disk);
        for (int step = 0; step < 2_500; step++) {
            final int choice = random.nextInt(1000);
            if (choice < 800) {
                append(random);
            } else if (choice < 865) {
                truncate(random);
            } else if (choice < 870) {
                compact(random);
            } else if (choice < 871) {
                reset(random);
            } else if (choice < 994) {
                read(random);
            } else if (choice < 997) {
                storage.close();
                storage = MmapStorage.open(dir, Directories.SMALL, disk);
                assertHeld();
            } else {
                crash();
            }
        }
        storage.close();
        killed.forEach(MmapStorage::close);
        assertEquals(List.of(), LogVerify.verifyLog(dir));
    }

    private void append(Random random) {
        final int length = random.nextInt(20) == 0 ? random.nextInt(60_000) : random.nextInt(400);
        while (storage.log().roomFor(length) != RaftLog.Room.YES) {
            poll();
        }
        if (random.nextInt(10) == 0) {
            term++;
        }
        final byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        final UnsafeBuffer command = new UnsafeBuffer(bytes);
        assertEquals(model.size() + 1, storage.log().append(term, RaftLog.COMMAND, command, 0, length));
        model.add(new Entry(term, command));
        poll();
    }

    private void truncate(Random random) {
        if (model.size() > snapshot) {
            // mostly near the end, as in life, and sometimes far back
            final int depth = random.nextInt(5) == 0 ? random.nextInt(model.size()) : random.nextInt(8);
            final int from = (int) Math.max(snapshot + 1, model.size() - depth);
            storage.log().truncateFrom(from);
            model.subList(from - 1, model.size()).clear();
            term++;
            if (persisted >= from) {
                persisted = from - 1L;
            }
        }
    }

    private void compact(Random random) {
        if (persisted > snapshot) {
            snapshot += random.nextInt((int) (persisted - snapshot) + 1);
            storage.log().compact(snapshot, new long[] {0, 100_000, 1_000_000}[random.nextInt(3)]);
        }
    }

    private void reset(Random random) {
        snapshot = Math.max(snapshot, model.size() - 20) + random.nextInt(100);
        storage.log().reset(snapshot, ++term);
        model.clear();
        while (model.size() < snapshot) {
            model.add(null);
        }
        append(random);
        while (persisted != snapshot + 1 || persistedTerm != term) {
            poll(); // until then a crash may bring back what was before
        }
        assertEquals(snapshot + 1, storage.log().firstIndex());
    }

    private void read(Random random) {
        final long first = storage.log().firstIndex();
        if (model.size() >= first) {
            final long from = first + random.nextInt((int) (model.size() - first) + 1);
            assertHeld(from, Math.min(model.size(), from + random.nextInt(50)));
        }
    }

    private void crash() {
        poll();
        killed.add(storage);
        dir = Directories.asKilledNow(dir, temp.resolve("killed-" + killed.size()), disk);
        storage = MmapStorage.open(dir, Directories.SMALL, disk);
        final long last = storage.log().lastIndex();
        assertTrue(last >= persisted, () -> "durable to " + persisted + ", found " + last);
        // Beyond what was durable there may be an older suffix, whose truncation was not durable yet: begin from there.
        for (long index = storage.log().firstIndex(); index <= persisted; index++) {
            assertHeld(index, index);
        }
        while (model.size() > last) {
            model.removeLast();
        }
        final long sure = Math.max(persisted, snapshot);
        storage.log().truncateFrom(sure + 1);
        model.subList((int) sure, model.size()).clear();
    }

    private void poll() {
        storage.log().pollPersisted((index, newTerm) -> {
            // a report may be about an entry that was truncated meanwhile
            final Entry entry = index <= model.size() ? model.get((int) index - 1) : null;
            if (entry != null && entry.term() == newTerm) {
                persisted = index;
                persistedTerm = newTerm;
            }
        });
        assertTrue(persistedTerm <= term, "no term from the future");
    }

    private void assertHeld() {
        assertEquals(model.size(), storage.log().lastIndex());
        final long first = storage.log().firstIndex();
        assertTrue(first <= snapshot + 1, () -> "begins at " + first + ", the snapshot is of " + snapshot);
        if (model.size() >= first) {
            assertHeld(first, model.size());
        }
    }

    private void assertHeld(long first, long last) {
        final long[] next = {first};
        assertEquals(last, storage.log().read(first, last, (index, entryTerm, kind, buffer, offset, length) -> {
            final Entry entry = model.get((int) index - 1);
            assertEquals(next[0]++, index);
            assertEquals(entry.term(), entryTerm);
            assertEquals(entry.command(), new UnsafeBuffer(buffer, offset, length));
            return true;
        }));
    }
}
