package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.balsa.raft.spi.RaftLog;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The loop thread's side of the log makes no garbage, and the log thread next to none. */
class AllocationTest {
    private static final int LENGTH = 100;
    private static final int COUNT = 100_000;

    @TempDir
    private Path temp;
    private final UnsafeBuffer command = new UnsafeBuffer(new byte[LENGTH]);
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private long persisted;
    private long read;

    @Test
    void appendingPollingAndReadingAllocateNothing() {
        final Path dir = Directories.formatted(temp.resolve("node"));
        final MmapConfig config = new MmapConfig(64 << 20, 4 << 20);
        try (MmapStorage storage = MmapStorage.open(dir, config)) {
            final RaftLog log = storage.log();
            final RaftLog.PersistedConsumer onPersisted = (index, term) -> persisted = index;
            final RaftLog.EntryConsumer onEntry = (index, term, kind, buffer, offset, length) -> {
                read += buffer.getByte(offset) + 1;
                return true;
            };
            appendPollRead(log, onPersisted, onEntry);

            final Thread writer = thread("balsa-3-log");
            final long before = threads.getCurrentThreadAllocatedBytes();
            final long writerBefore = threads.getThreadAllocatedBytes(writer.threadId());
            appendPollRead(log, onPersisted, onEntry);
            final long writerAllocated = threads.getThreadAllocatedBytes(writer.threadId()) - writerBefore;
            final long allocated = threads.getCurrentThreadAllocatedBytes() - before;

            assertEquals(2L * COUNT, persisted);
            assertTrue(read >= 2L * COUNT, "every entry was read");
            assertEquals(0, allocated, "bytes on the loop thread for " + COUNT + " entries");
            assertTrue(writerAllocated < COUNT, () -> "bytes on the log thread: " + writerAllocated);
        }
    }

    private void appendPollRead(RaftLog log, RaftLog.PersistedConsumer onPersisted, RaftLog.EntryConsumer onEntry) {
        for (int i = 0; i < COUNT; i++) {
            while (log.roomFor(LENGTH) != RaftLog.Room.YES) {
                log.pollPersisted(onPersisted);
                LockSupport.parkNanos(10_000);
            }
            final long index = log.append(1, RaftLog.COMMAND, command, 0, LENGTH);
            log.pollPersisted(onPersisted);
            log.read(Math.max(1, index - 3), index, onEntry);
        }
        while (persisted < log.lastIndex()) {
            log.pollPersisted(onPersisted);
            LockSupport.parkNanos(10_000);
        }
    }

    private static Thread thread(String name) {
        return Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().equals(name)).findFirst().orElseThrow();
    }
}
