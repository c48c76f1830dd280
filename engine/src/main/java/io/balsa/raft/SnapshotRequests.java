package io.balsa.raft;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

import io.balsa.raft.spi.RaftException;

/** Who asked for a snapshot, on any thread, and waits for it. One freeze answers all who asked before it. */
final class SnapshotRequests {
    private static final int MOST = 1024;

    private final BlockingQueue<CompletableFuture<Long>> arrived = new LinkedBlockingQueue<>(MOST);
    private final List<CompletableFuture<Long>> served = new ArrayList<>();
    private volatile boolean unseen;
    private volatile boolean stopped;

    /** Asks for a snapshot of what is applied by now. Any thread; completed on the loop, or here when refused. */
    CompletableFuture<Long> ask() {
        final CompletableFuture<Long> future = new CompletableFuture<>();
        if (!arrived.offer(future)) {
            refuse(future, MOST + " wait for one already");
            return future;
        }
        unseen = true;
        if (stopped) { // looked at after it was added: whoever stops later finds it
            refuseArrived();
        }
        return future;
    }

    /** Whether somebody asked since {@link #anybody()} was called last. Any thread. */
    boolean areUnseen() {
        return unseen;
    }

    /** Whether somebody waits for the next freeze. */
    boolean anybody() {
        unseen = false;
        return !arrived.isEmpty();
    }

    /** The state is frozen: what becomes of it answers all who asked until now. */
    void serve() {
        arrived.drainTo(served);
    }

    void answer(long index) {
        served.forEach(future -> future.complete(index));
        served.clear();
    }

    void refuse(String why) {
        served.forEach(future -> refuse(future, why));
        served.clear();
    }

    /** Nothing more is taken: all who wait are told so, and all who ask from now on. The loop, or whoever ends it. */
    void stop() {
        stopped = true;
        refuse("the node is closed");
        refuseArrived();
    }

    private void refuseArrived() {
        for (CompletableFuture<Long> next = arrived.poll(); next != null; next = arrived.poll()) {
            refuse(next, "the node is closed");
        }
    }

    private static void refuse(CompletableFuture<Long> future, String why) {
        future.completeExceptionally(new RaftException("no snapshot was taken: " + why));
    }
}
