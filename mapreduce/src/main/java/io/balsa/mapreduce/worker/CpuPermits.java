package io.balsa.mapreduce.worker;

import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;

/**
 * As many as there are processors: who computes holds one, who waits does not. Tasks run on virtual threads, which are
 * not taken off a processor before they wait; more of them than processors would stop every other one in the process.
 */
public final class CpuPermits {
    private final Semaphore permits;

    public CpuPermits(int permits) {
        this.permits = new Semaphore(permits, true);
    }

    /** One for each processor of this machine. */
    public static CpuPermits ofThisMachine() {
        return new CpuPermits(Runtime.getRuntime().availableProcessors());
    }

    void acquire() throws InterruptedException {
        permits.acquire();
    }

    void release() {
        permits.release();
    }

    /** Calls while somebody else may compute; the caller holds a permit, before and after. */
    <T> T without(Callable<T> call) throws Exception {
        permits.release();
        try {
            return call.call();
        } finally {
            permits.acquireUninterruptibly(); // whoever cancels a task gets its permit when it ends, not before
        }
    }
}
