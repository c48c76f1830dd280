package io.balsa.raft.spi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How late Linux may wake a thread from a short park: 50 us unless asked otherwise, which would be most of a commit.
 * For the threads of the engine and of its adapters that a commit waits for. Best effort; elsewhere it does nothing.
 */
public final class TimerSlack {
    private TimerSlack() {
    }

    /** Asks for the least slack for the calling platform thread. */
    public static void lower() {
        try {
            // thread-self must be resolved first: the file is opened by whatever thread the name then means
            final Path self = Path.of("/proc/thread-self").toRealPath();
            Files.writeString(Path.of("/proc", self.getFileName().toString(), "timerslack_ns"), "1");
        } catch (IOException | RuntimeException e) {
            // no such file, or not allowed: parks last a little longer, nothing else changes
            System.getLogger(TimerSlack.class.getName()).log(System.Logger.Level.DEBUG, "timer slack unchanged", e);
        }
    }
}
