package io.balsa.mmap;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Linux lets a sleeper oversleep by 50 µs to batch wake-ups; a thread whose short parks matter turns that off. */
final class TimerSlack {
    private TimerSlack() {
    }

    /** Lowers the calling thread's timer slack to a nanosecond where the system allows it. */
    static void lower() {
        try {
            final Path thread = Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName();
            Files.writeString(Path.of("/proc", thread.toString(), "timerslack_ns"), "1");
        } catch (IOException | UnsupportedOperationException | SecurityException e) {
            // Not Linux, or not allowed: parks take longer, nothing else changes.
            System.getLogger(TimerSlack.class.getName()).log(System.Logger.Level.DEBUG, "timer slack unchanged", e);
        }
    }
}
