package io.balsa.kv;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.balsa.raft.RaftStatus;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.SnapshotStore.Snapshot;

/**
 * Answers one connection's requests about the snapshots of the node beside it. A snapshot that is being fetched stays
 * open, so that it can be fetched to its end however many newer ones are taken meanwhile. Not for several threads.
 */
final class SnapshotDesk implements AutoCloseable {
    private static final int PIECE_BYTES = 1 << 20;
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final byte[] NOTHING = {};

    private final Replica replica;
    private final Semaphore places;
    private final long requestDeadlineNs;
    /** The last one this connection asked for. */
    private Optional<Snapshot> taken = Optional.empty();
    /** Being fetched; null when nothing is. */
    private InputStream state;
    private long stateIndex;
    private long position;

    /** @param places for the snapshots that all connections fetch at once */
    SnapshotDesk(Replica replica, Semaphore places, long requestDeadlineNs) {
        this.replica = replica;
        this.places = places;
        this.requestDeadlineNs = requestDeadlineNs;
    }

    /** May take as long as a snapshot takes to be written. */
    KvReply answer(Request.OfSnapshots request) {
        try {
            return switch (request) {
                case Request.OfSnapshots.Take take -> take(take.atLeast());
                case Request.OfSnapshots.Fetch fetch -> fetch(fetch.index(), fetch.offset());
                case Request.OfSnapshots.Save save -> {
                    replica.takeSnapshot().join();
                    yield KvReply.Ok.OK;
                }
                case Request.OfSnapshots.SaveInBackground save -> begin();
            };
        } catch (CompletionException e) {
            close();
            return KvReply.Failure.error(e.getCause().getMessage());
        } catch (RaftException e) {
            close();
            return KvReply.Failure.error(e.getMessage());
        } catch (IOException e) {
            close();
            return KvReply.Failure.error("the snapshot cannot be read: " + e + "; check this node's disk");
        }
    }

    private KvReply begin() {
        final CompletableFuture<Long> taken = replica.takeSnapshot();
        if (taken.isCompletedExceptionally()) {
            taken.join();
        }
        return new KvReply.Text("Background saving started");
    }

    private KvReply take(long atLeast) {
        final long deadlineNs = System.nanoTime() + requestDeadlineNs;
        RaftStatus status = replica.status();
        while (status.appliedIndex() < atLeast) {
            if (System.nanoTime() >= deadlineNs || Thread.currentThread().isInterrupted()) {
                return new KvReply.Failure(KvReply.Code.UNAVAILABLE, "node " + status.nodeId()
                    + " shows entries up to " + status.appliedIndex() + " and not yet " + atLeast
                    + "; ask another node, or later");
            }
            LockSupport.parkNanos(POLL_NS);
            status = replica.status();
        }
        final long index = replica.takeSnapshot().join();
        taken = replica.snapshots().newest().filter(newest -> newest.index() >= index);
        return taken.map(this::described).orElseThrow(() -> new RaftException("the snapshot of entry " + index
            + " is gone; look at this node's messages"));
    }

    private KvReply described(Snapshot snapshot) {
        final RaftStatus status = replica.status();
        final TreeSet<Integer> members = new TreeSet<>(List.of(status.nodeId()));
        status.peers().forEach(peer -> members.add(peer.nodeId()));
        return new SnapshotReply(snapshot, status.clusterId(), members).words();
    }

    private KvReply fetch(long index, long offset) throws IOException {
        if (offset == 0) {
            open(index);
        }
        if (state == null || index != stateIndex || offset != position) {
            return KvReply.Failure.error("a snapshot is fetched in order, from offset 0 and on one connection; begin "
                + "again");
        }
        final byte[] piece = state.readNBytes(PIECE_BYTES);
        position += piece.length;
        if (piece.length == 0) {
            close();
        }
        return new KvReply.Bulk(piece.length == 0 ? NOTHING : piece);
    }

    private void open(long index) {
        close();
        final Snapshot snapshot = taken.or(() -> replica.snapshots().newest()).filter(one -> one.index() == index)
            .orElseThrow(() -> new RaftException("there is no snapshot of entry " + index
                + " here; ask for one with BALSA.SNAPSHOT first"));
        if (!places.tryAcquire()) {
            throw new RaftException("too many clients fetch a snapshot of this node; try again when one is done");
        }
        try {
            state = replica.snapshots().open(snapshot);
        } finally {
            if (state == null) {
                places.release();
            }
        }
        stateIndex = index;
        position = 0;
    }

    @Override
    public void close() {
        if (state == null) {
            return;
        }
        try {
            state.close();
        } catch (IOException e) {
            // it was only read
        } finally {
            state = null;
            places.release();
        }
    }
}
