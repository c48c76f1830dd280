package io.balsa.raft;

import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.spi.SnapshotStore.Snapshot;
import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.spi.StorageException;

/**
 * When this node writes its state down, and what comes of it: the log before goes (§7). Every member does so for
 * itself, not only the leader (thesis §5.1). The state is frozen between two commands and written beside the loop.
 *
 * <p>A follower that is sent a snapshot needs the log behind it next. So the log is kept for it, and the next snapshot
 * waits, until it has caught up or the log has grown by twice what the snapshot is long and what is kept anyway:
 * beginning anew is quicker then, and the disk must not fill up for a follower that may be dead.
 */
final class Snapshots {
    private static final long NOTHING = Long.MAX_VALUE;

    private final RaftConfig config;
    private final RaftLog log;
    private final SnapshotStore store;
    private final OffLoop.Lane lane;
    private final SnapshotRequests requests = new SnapshotRequests();
    /** For each peer the snapshot that it was sent and has not been led away from yet, {@link #NOTHING} if none. */
    private final long[] heldFrom;

    private Optional<Snapshot> newest;
    private long bytesSinceNewest;
    private long bytesWhenFrozen;
    private long dueAtBytes;
    private long appliedBytes;
    private long heldUntilBytes;
    private boolean freezeIsWanted;
    private boolean renewing;
    private boolean writing;
    private boolean compactionIsDue;
    private long compactedTo;
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
        heldFrom = new long[config.members().size() - 1];
        Arrays.fill(heldFrom, NOTHING);
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
        appliedBytes += bytes;
    }

    /** Whether the state is to be frozen now, between two commands: a command itself may have asked for it. */
    boolean isDue() {
        lookAtRequests();
        return !writing && (freezeIsWanted || bytesSinceNewest >= dueAtBytes && !isHeld());
    }

    private boolean isHeld() {
        return heldUntilBytes > appliedBytes;
    }

    /** Asks for a snapshot of what is applied by now. Any thread; completed on the loop. */
    CompletableFuture<Long> request() {
        return requests.ask();
    }

    /** Whether somebody asked whom {@link #lookAtRequests()} has not seen yet. Any thread. */
    boolean isAsked() {
        return requests.areUnseen();
    }

    /** Also while none can be taken, so that whoever asked does not keep the loop awake. */
    void lookAtRequests() {
        if (requests.areUnseen()) {
            freezeIsWanted |= requests.anybody();
        }
    }

    /** This peer is sent a snapshot: the log behind it is kept until {@link #release}. */
    void hold(int row, Snapshot snapshot) {
        heldFrom[row] = snapshot.index();
        heldUntilBytes = appliedBytes + 2 * snapshot.length() + config.keepLogBytes();
    }

    /** This peer needs nothing but the end of the log, or is given up. */
    void release(int row) {
        heldFrom[row] = NOTHING;
        if (lowestHeld() == NOTHING) {
            heldUntilBytes = 0;
        }
    }

    private long lowestHeld() {
        long lowest = NOTHING;
        for (final long index : heldFrom) {
            lowest = Math.min(lowest, index);
        }
        return lowest;
    }

    /** The newest one cannot be read: another is written from the state in memory, which is sound. */
    void renew(String why) {
        if (!writing) {
            freezeIsWanted = true;
            renewing = true;
            tell("the snapshot up to entry " + newest.map(Snapshot::index).orElse(0L) + " is of no use (" + why
                + "): another is written from memory; check the disk");
        }
    }

    /** The state after entry {@code index} is frozen: has it written. */
    void frozen(long index, long term, long stateHash, Optional<StateMachine.View> view) {
        requests.serve();
        freezeIsWanted = false;
        if (view.isEmpty()) {
            dueAtBytes = Long.MAX_VALUE;
            requests.refuse("this state machine offers no view of its state to be written; implement freeze and"
                + " restore");
        } else if (index == newest.map(Snapshot::index).orElse(0L) && !renewing) {
            bytesSinceNewest = 0; // nothing has been applied since
            requests.answer(index);
        } else {
            writing = true;
            renewing = false;
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
        requests.answer(newest.orElseThrow().index());
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
        requests.refuse(cause.getMessage());
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
        if (snapshot.index() < newest.map(Snapshot::index).orElse(0L)) {
            return; // a newer one was received while this one was written
        }
        newest = Optional.of(snapshot);
        dueAtBytes = config.snapshotEveryBytes() == 0 ? Long.MAX_VALUE : config.snapshotEveryBytes();
        compactionIsDue = true;
    }

    /**
     * Lets the log go up to the newest snapshot, or the one that some follower needs it from. Not before it has made
     * durable itself what it is to drop: what is committed, and applied, may be on the disks of the others alone so
     * far.
     *
     * @param durableIndex how far the log has come
     */
    void compactLog(long durableIndex) {
        if (!compactionIsDue) {
            return;
        }
        final long index = Math.min(newest.orElseThrow().index(), isHeld() ? lowestHeld() : NOTHING);
        if (index > compactedTo && index <= durableIndex && log.compact(index, config.keepLogBytes())) {
            compactedTo = index;
        }
        compactionIsDue = compactedTo < newest.orElseThrow().index();
    }

    /** Something about snapshots that an operator should hear of, though the node goes on. */
    void tell(String what) {
        worthTelling = what;
    }

    /** What was told last, null if all has gone well since. Any thread. */
    String worthTelling() {
        return worthTelling;
    }

    /** Nothing more is taken: whoever waits is told. The loop, or whoever ends it. */
    void stop() {
        requests.stop();
    }

    RaftStatus.Snapshots status() {
        return new RaftStatus.Snapshots(newest.map(Snapshot::index).orElse(0L), log.firstIndex(), taken, installed,
            writing, received, receiving, failure);
    }
}
