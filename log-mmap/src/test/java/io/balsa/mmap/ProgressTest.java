package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.raft.spi.Threads;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the log thread tells the loop without a lock. */
@Timeout(60)
class ProgressTest {
    private static final long LAST = 2_000_000;

    /** Else the loop would report an entry as durable, and then deny it: a compaction up to it would end the node. */
    @Test
    void anEntryThatIsSaidToBeDurableLiesBeforeTheEndOfWhatIs() {
        final Progress progress = new Progress();
        final Thread writer = Thread.ofPlatform().start(() -> {
            for (long position = 1; position <= LAST; position++) {
                progress.durable(position, position - 1);
            }
        });
        long entry = progress.durableEntry();
        while (entry < LAST - 1) {
            final long durable = progress.durable();
            final long said = entry;
            assertTrue(entry < durable, () -> "entry at " + said + ", durable up to " + durable);
            entry = progress.durableEntry();
        }
        Threads.join(writer);
    }
}
