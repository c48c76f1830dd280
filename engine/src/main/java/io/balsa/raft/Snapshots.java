package io.balsa.raft;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.SortedSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.spi.SnapshotStore.Snapshot;
import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.spi.StorageException;

/**
 * When this node writes its state down, and what comes of it: the log before goes (§7). Every member does so for
 * itself, not only the leader (thesis §5.1). The state is frozen between two commands and written beside the loop.
 */
final class Snapshots {
    private final RaftConfig config;
    private final RaftLog log;
    private final SnapshotStore store;
    private final OffLoop.Lane lane;
    private final Queue<CompletableFuture<Long>> requests = new ConcurrentLinkedQueue<>();
    private final List<CompletableFuture<Long>> waiting = new ArrayList<>();

    private Optional<Snapshot> newest;
    private long bytesSinceNewest;
    private long bytesWhenFrozen;
    private long dueAtBytes;
    private boolean writing;
    private boolean compactionIsDue;
    private long taken;
    private long installed;
    private long received;
    private long receiving;
    private Optional<String> failure = Optional.empty();
    private volatile String worthTelling;

    Snapshots(RaftConfig config, RaftLog log, SnapshotStore store, OffLoop.Lane lane) {
        this.config = config;
        this.log = log;
        this.store = store;
        this.lane = lane;
        newest = store.newest();
        compactionIsDue = newest.isPresent(); // the last process may have ended between the two
        dueAtBytes = config.snapshotEveryBytes() == 0 ? Long.MAX_VALUE : config.snapshotEveryBytes();
    }

    Optional<Snapshot> newest() {
        return newest;
    }

    /** An entry of so many bytes was applied. */
    void applied(int bytes) {
        bytesSinceNewest += bytes;
    }

    /** Whether the state is to be frozen now, between two commands. */
    boolean isDue() {
        return !writing && (bytesSinceNewest >= dueAtBytes || !requests.isEmpty());
    }

    /** Asks for a snapshot of what is applied by now. Any thread; completed on the loop. */
    CompletableFuture<Long> request() {
        final CompletableFuture<Long> future = new CompletableFuture<>();
        requests.add(future);
        return future;
    }

    /** Whether somebody asked since the last freeze. Any thread. */
    boolean isAsked() {
        return !requests.isEmpty();
    }

    /** The state after entry {@code index} is frozen: has it written. */
    void frozen(long index, long term, long stateHash, Optional<StateMachine.View> view) {
        for (CompletableFuture<Long> next = requests.poll(); next != null; next = requests.poll()) {
            waiting.add(next);
        }
        if (view.isEmpty()) {
            dueAtBytes = Long.MAX_VALUE;
            refuseWaiting("this state machine offers no view of its state to be written; implement freeze and restore");
        } else if (index == newest.map(Snapshot::index).orElse(0L)) {
            answerWaiting(index); // nothing has been applied since
        } else {
            writing = true;
            bytesWhenFrozen = bytesSinceNewest;
            lane.run(() -> store.save(index, term, stateHash, config.members(), view.get()), this::saved,
                this::notSaved);
        }
    }

    private void saved(Snapshot snapshot) {
        writing = false;
        taken++;
        failure = Optional.empty();
        worthTelling = null;
        become(snapshot);
        bytesSinceNewest -= bytesWhenFrozen;
        answerWaiting(snapshot.index());
    }

    /** The log is whole, so nothing is lost; the next attempt waits until it has grown by some more. */
    private void notSaved(Throwable cause) {
        writing = false;
        if (!(cause instanceof StorageException)) {
            throw new RaftException("the state could not be written (" + cause + "): this node stops, since what it "
                + "would leave to the others is not its state; mend the state machine's view", cause);
        }
        if (config.snapshotEveryBytes() > 0) {
            dueAtBytes = bytesSinceNewest + Math.max(1, config.snapshotEveryBytes() / 4);
        }
        failure = Optional.of(cause.getMessage());
        tell("no snapshot was taken, the log grows on: " + cause.getMessage());
        refuseWaiting(cause.getMessage());
    }

    /** So many bytes are written here of one that a leader is sending, {@code of} 0 if none is on its way. */
    void onItsWay(long bytes, long of) {
        received = bytes;
        receiving = of;
    }

    /** One that a leader sent is here, whole and durable. */
    void installed(Snapshot snapshot) {
        installed++;
        worthTelling = null;
        if (snapshot.index() > newest.map(Snapshot::index).orElse(0L)) {
            become(snapshot);
            bytesSinceNewest = 0;
            bytesWhenFrozen = 0;
        }
    }

    private void become(Snapshot snapshot) {
        if (snapshot.index() <= newest.map(Snapshot::index).orElse(0L)) {
            return; // a newer one was received while this one was written
        }
        newest = Optional.of(snapshot);
        dueAtBytes = config.snapshotEveryBytes() == 0 ? Long.MAX_VALUE : config.snapshotEveryBytes();
        compactionIsDue = true;
    }

    /**
     * Lets the log go up to the newest snapshot. Not before it has made durable itself what it is to drop: what is
     * committed, and applied, may be on the disks of the others alone so far.
     *
     * @param durableIndex how far the log has come
     */
    void compactLog(long durableIndex) {
        if (compactionIsDue && newest.orElseThrow().index() <= durableIndex) {
            compactionIsDue = false;
            log.compact(newest.orElseThrow().index(), config.keepLogBytes());
        }
    }

    /** Something about snapshots that an operator should hear of, though the node goes on. */
    void tell(String what) {
        worthTelling = what;
    }

    /** What was told last, null if all has gone well since. Any thread. */
    String worthTelling() {
        return worthTelling;
    }

    private void answerWaiting(long index) {
        waiting.forEach(future -> future.complete(index));
        waiting.clear();
    }

    private void refuseWaiting(String why) {
        waiting.forEach(future -> future.completeExceptionally(new RaftException("no snapshot was taken: " + why)));
        waiting.clear();
    }

    /** Nothing more is taken: whoever waits is told. Any thread, once the loop has ended. */
    synchronized void stop() {
        for (CompletableFuture<Long> next = requests.poll(); next != null; next = requests.poll()) {
            waiting.add(next);
        }
        refuseWaiting("the node is closed");
    }

    RaftStatus.Snapshots status() {
        return new RaftStatus.Snapshots(newest.map(Snapshot::index).orElse(0L), log.firstIndex(), taken, installed,
            writing, received, receiving, failure);
    }
}
