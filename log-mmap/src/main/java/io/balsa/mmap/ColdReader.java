package io.balsa.mmap;

import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.RaftLog.EntryConsumer;
import io.balsa.raft.spi.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.IntFunction;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads entries that are no longer in memory from the mapped segments, and verifies each. Keeps a few segments mapped
 * and remembers where the last few reads ended, so that followers which catch up side by side read on in sequence.
 *
 * <p>Belongs to the loop thread.
 */
final class ColdReader implements AutoCloseable {
    private static final int VIEWS = 32;
    private static final int CURSORS = 8;
    private static final long NO_INDEX = -1;

    private final IndexMap indexMap;
    private final IntFunction<Path> fileOf;
    private final Disk disk;
    private final SegmentView[] views = new SegmentView[VIEWS];
    private final long[] lastUse = new long[VIEWS];
    private long uses;
    private final long[] cursorIndex = new long[CURSORS];
    private final long[] cursorLocation = new long[CURSORS];
    private int nextCursor;

    // Where the walk stands.
    private long index;
    private int anchor;
    private int payload;
    private SegmentView view;

    /** @param fileOf names the file of a segment */
    ColdReader(IndexMap indexMap, IntFunction<Path> fileOf, Disk disk) {
        this.indexMap = indexMap;
        this.fileOf = fileOf;
        this.disk = disk;
        forgetCursors();
    }

    /** As {@link io.balsa.raft.spi.RaftLog#read}, for entries in the index map. */
    long read(long firstIndex, long lastIndex, EntryConsumer consumer) {
        anchor = indexMap.anchorBefore(firstIndex);
        go(indexMap.anchorIndex(anchor), indexMap.anchorLocation(anchor));
        final int cursor = cursorBefore(firstIndex);
        if (cursor >= 0 && index < firstIndex) {
            go(cursorIndex[cursor], cursorLocation[cursor]);
        }
        while (index < firstIndex) {
            step();
        }
        long consumed = firstIndex - 1;
        while (deliver(consumer)) {
            consumed = index;
            if (index == lastIndex) {
                break;
            }
            step();
        }
        remember(cursor, index, IndexMap.location(view.segment(), payload));
        return consumed;
    }

    /** To be called when entries were truncated: what lies behind a cursor may have changed. */
    void forgetCursors() {
        Arrays.fill(cursorIndex, NO_INDEX);
    }

    /** Lets go of the segments before this one: a file that is mapped keeps its space when it is deleted. */
    void dropBefore(int segment) {
        forgetCursors();
        for (int i = 0; i < VIEWS; i++) {
            if (views[i] != null && views[i].segment() < segment) {
                views[i].close();
                views[i] = null;
                lastUse[i] = 0;
            }
        }
    }

    private boolean deliver(EntryConsumer consumer) {
        final UnsafeBuffer buffer = view.buffer();
        if (!view.fits(payload) || !Records.isEntry(buffer, payload) || Records.entryIndex(buffer, payload) != index) {
            throw damaged("no entry where it was written");
        }
        final int expected = view.computedCrc(payload);
        final int found = Records.storedCrc(buffer, payload);
        if (found != expected) {
            throw damaged("checksum %08x, expected %08x".formatted(found, expected));
        }
        return consumer.onEntry(index, Records.entryTerm(buffer, payload), Records.entryKind(buffer, payload), buffer,
            Records.commandOffset(payload), Records.commandLength(buffer, payload));
    }

    private void step() {
        index++;
        if (anchor + 1 < indexMap.size() && indexMap.anchorIndex(anchor + 1) == index) {
            anchor++;
            go(index, indexMap.anchorLocation(anchor));
        } else {
            final int next = view.nextPayload(payload);
            if (next == SegmentView.NONE) {
                throw damaged("the file ends before it");
            }
            payload = next;
        }
    }

    private void go(long toIndex, long location) {
        index = toIndex;
        view = viewOf(IndexMap.segment(location));
        payload = IndexMap.payload(location);
    }

    private int cursorBefore(long firstIndex) {
        for (int i = 0; i < CURSORS; i++) {
            if (cursorIndex[i] == firstIndex - 1 || cursorIndex[i] == firstIndex) {
                return i;
            }
        }
        return -1;
    }

    private void remember(int cursor, long atIndex, long location) {
        final int slot = cursor >= 0 ? cursor : nextCursor++ % CURSORS;
        cursorIndex[slot] = atIndex;
        cursorLocation[slot] = location;
    }

    private SegmentView viewOf(int segment) {
        uses++;
        int victim = 0;
        for (int i = 0; i < VIEWS; i++) {
            if (views[i] != null && views[i].segment() == segment) {
                lastUse[i] = uses;
                return views[i];
            }
            if (lastUse[i] < lastUse[victim]) {
                victim = i;
            }
        }
        final Path file = fileOf.apply(segment);
        final SegmentView opened;
        try {
            opened = SegmentView.open(file, segment, disk);
        } catch (IOException e) {
            throw new StorageException(file + ": cannot be read: " + e + "; stop this node and check the disk", e);
        }
        if (views[victim] != null) {
            views[victim].close();
        }
        views[victim] = opened;
        lastUse[victim] = uses;
        return opened;
    }

    private LogCorruptException damaged(String what) {
        return new LogCorruptException("entry " + index + " in " + view.file() + " at " + payload + ": " + what
            + "; stop this node and start it with --rebuild");
    }

    @Override
    public void close() {
        for (int i = 0; i < VIEWS; i++) {
            if (views[i] != null) {
                views[i].close();
                views[i] = null;
            }
        }
    }
}
