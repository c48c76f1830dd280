package io.balsa.kv;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

import io.balsa.raft.RaftStatus;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.SnapshotStore.Snapshot;

/**
 * Answers one connection's requests about the snapshots of the node beside it. Not for several threads.
 */
final class SnapshotDesk implements AutoCloseable {
    private static final int PIECE_BYTES = 1 << 20;
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(5);

    private final Replica replica;
    private final ClientSnapshots shared;
    private final long requestDeadlineNs;
    /** The last one this connection asked for. */
    private Optional<Snapshot> taken = Optional.empty();
    /** Being fetched; null when nothing is. */
    private ClientSnapshots.Fetch fetch;
    private long fetchIndex;
    private long position;

    /** @param shared by all connections of the node */
    SnapshotDesk(Replica replica, ClientSnapshots shared, long requestDeadlineNs) {
        this.replica = replica;
        this.shared = shared;
        this.requestDeadlineNs = requestDeadlineNs;
    }

    /** May take as long as a snapshot takes to be written. */
    KvReply answer(Request.OfSnapshots request) {
        try {
            return switch (request) {
                case Request.OfSnapshots.Take take -> take(take.atLeast());
                case Request.OfSnapshots.Fetch asked -> piece(asked.index(), asked.offset());
                case Request.OfSnapshots.Save save -> inTurn(() -> {
                    replica.takeSnapshot().join();
                    return KvReply.Ok.OK;
                });
                case Request.OfSnapshots.SaveInBackground save -> inTurn(this::begin);
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

    /** Nobody has to wait where nothing was applied since the last one: that one is the answer. */
    private KvReply inTurn(Supplier<KvReply> taking) {
        final RaftStatus status = replica.status();
        final boolean costsNothing = status.snapshots().index() == status.appliedIndex();
        if (!costsNothing && !shared.awaitTurn(System.nanoTime() + requestDeadlineNs)) {
            return new KvReply.Failure(KvReply.Code.UNAVAILABLE, "clients ask node " + status.nodeId()
                + " for more than a snapshot a second; ask another node, or later");
        }
        return taking.get();
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
        if (status.appliedIndex() == 0) {
            return new KvReply.Failure(KvReply.Code.UNAVAILABLE, "node " + status.nodeId()
                + " has applied no entry yet, so there is nothing to write down; ask another node, or later");
        }
        return inTurn(this::take);
    }

    private KvReply take() {
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

    private KvReply piece(long index, long offset) throws IOException {
        if (offset == 0) {
            open(index);
        }
        if (fetch == null || index != fetchIndex || offset != position) {
            return KvReply.Failure.error("a snapshot is fetched in order, from offset 0 and on one connection; begin "
                + "again");
        }
        final byte[] piece = fetch.next(PIECE_BYTES);
        position += piece.length;
        if (piece.length == 0) {
            close();
        }
        return new KvReply.Bulk(piece);
    }

    private void open(long index) {
        close();
        final Snapshot snapshot = taken.or(() -> replica.snapshots().newest()).filter(one -> one.index() == index)
            .orElseThrow(() -> new RaftException("there is no snapshot of entry " + index
                + " here; ask for one with BALSA.SNAPSHOT first"));
        fetch = shared.fetch(() -> replica.snapshots().open(snapshot));
        fetchIndex = index;
        position = 0;
    }

    @Override
    public void close() {
        if (fetch != null) {
            fetch.close();
            fetch = null;
        }
    }
}
