package io.balsa.mmap;

/** Waiting for our own threads to end. */
final class Threads {
    private Threads() {
    }

    /** Waits for {@code thread} to end, through interrupts: a log half closed is worse than a late interrupt. */
    static void join(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
