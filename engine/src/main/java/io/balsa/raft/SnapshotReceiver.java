package io.balsa.raft;

import io.balsa.raft.core.RaftCore;
import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.spi.SnapshotStore.Snapshot;
import io.balsa.raft.spi.StorageException;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The follower's side of InstallSnapshot (Figure 13): gathers the bytes, has them written beside the loop, and tells
 * the core when the whole snapshot is durable. What has been written of a snapshot stays good when messages are lost
 * and when another leader goes on with the same one.
 */
final class SnapshotReceiver {
    private static final System.Logger LOGGER = System.getLogger(SnapshotReceiver.class.getName());

    private final RaftCore core;
    private final Outbox outbox;
    private final Links links;
    private final SnapshotStore store;
    private final Snapshots snapshots;
    private final Applier<?> applier;
    private final OffLoop.Lane lane;

    /** What is on its way in, null when nothing is. */
    private Snapshot wanted;
    /** Null until the store is ready for it, and again once all its bytes are there. */
    private SnapshotStore.Receiving incoming;
    private int row;
    private long received;
    // One buffer fills while the other is written; each takes all that a sender may have ahead.
    private UnsafeBuffer filling = new UnsafeBuffer(0, 0);
    private UnsafeBuffer spare = new UnsafeBuffer(0, 0);
    private int filled;
    private boolean writing;

    SnapshotReceiver(RaftCore core, Outbox outbox, Links links, SnapshotStore store, Snapshots snapshots,
                     Applier<?> applier, OffLoop.Lane lane) {
        this.core = core;
        this.outbox = outbox;
        this.links = links;
        this.store = store;
        this.snapshots = snapshots;
        this.applier = applier;
        this.lane = lane;
    }

    /** @param length 0: asks how far this snapshot has got here */
    void onInstallSnapshot(int fromRow, long term, Snapshot snapshot, long position, DirectBuffer bytes, int offset,
                           int length, long nowNs) {
        if (!core.onInstallSnapshot(links.id[fromRow], term, nowNs)) {
            outbox.snapshotResult(fromRow, core.currentTerm(), snapshot.index(), snapshot.contentHash(), 0);
            return;
        }
        row = fromRow;
        if (snapshot.index() <= core.commitIndex()) {
            core.onSnapshotInstalled(snapshot.index(), snapshot.term()); // of no use here; the leader is told so
        } else if (!snapshot.equals(wanted)) {
            begin(snapshot);
        } else if (incoming != null) {
            if (length > 0 && position == received) {
                take(bytes, offset, length);
            } else {
                tell(received);
            }
        }
    }

    /** The store goes on with what it has of it, or begins anew and forgets any other. */
    private void begin(Snapshot snapshot) {
        wanted = snapshot;
        incoming = null;
        filled = 0;
        if (filling.capacity() == 0) {
            filling = new UnsafeBuffer(new byte[2 * SnapshotSender.WINDOW]);
            spare = new UnsafeBuffer(new byte[2 * SnapshotSender.WINDOW]);
        }
        lane.run(() -> store.receive(snapshot), ready -> {
            if (snapshot.equals(wanted)) {
                incoming = ready;
                received = ready.position();
                proceed();
            }
        }, cause -> giveUp(snapshot, cause));
    }

    private void take(DirectBuffer bytes, int offset, int length) {
        if (filled + length > filling.capacity() || received + length > wanted.length()) {
            return; // more than was asked for: as good as lost on the way
        }
        filling.putBytes(filled, bytes, offset, length);
        filled += length;
        received += length;
        write();
    }

    /** What came in during the last write is written next. */
    private void write() {
        if (writing || filled == 0) {
            return;
        }
        writing = true;
        final Snapshot snapshot = wanted;
        final SnapshotStore.Receiving into = incoming;
        final UnsafeBuffer block = filling;
        final int length = filled;
        filling = spare;
        spare = block;
        filled = 0;
        lane.run(() -> {
            into.write(block, 0, length);
            return into.position();
        }, position -> {
            writing = false;
            if (incoming != null) {
                proceed();
            }
        }, cause -> {
            writing = false;
            giveUp(snapshot, cause);
        });
    }

    private void proceed() {
        tell(received - filled);
        if (received == wanted.length() && filled == 0) {
            complete();
        } else {
            write();
        }
    }

    private void complete() {
        final Snapshot snapshot = wanted;
        final SnapshotStore.Receiving whole = incoming;
        incoming = null;
        lane.run(whole::complete, isWhole -> {
            if (isWhole) {
                installed(snapshot);
            } else {
                LOGGER.log(System.Logger.Level.WARNING, "the snapshot up to entry " + snapshot.index()
                    + " did not arrive as node " + links.id[row] + " announced it: it is dropped and asked for again");
            }
            forget(snapshot);
        }, cause -> giveUp(snapshot, cause));
    }

    private void installed(Snapshot snapshot) {
        final boolean isNews = core.onSnapshotInstalled(snapshot.index(), snapshot.term());
        snapshots.installed(snapshot);
        if (isNews && applier.appliedIndex() < snapshot.index()) {
            applier.restore(snapshot);
        }
    }

    /** A disk without room may have some later, and the leader goes on asking. */
    private void giveUp(Snapshot snapshot, Throwable cause) {
        if (!(cause instanceof StorageException)) {
            throw new IllegalStateException("snapshot " + snapshot + " could not be received", cause);
        }
        LOGGER.log(System.Logger.Level.WARNING, "the snapshot up to entry " + snapshot.index()
            + " cannot be received now: " + cause.getMessage());
        forget(snapshot);
    }

    private void forget(Snapshot snapshot) {
        if (snapshot.equals(wanted)) {
            wanted = null;
            incoming = null;
            filled = 0;
            filling = new UnsafeBuffer(0, 0);
            spare = new UnsafeBuffer(0, 0);
        }
    }

    private void tell(long position) {
        outbox.snapshotResult(row, core.currentTerm(), wanted.index(), wanted.contentHash(), position);
    }

    /** The index of the snapshot on its way in, 0 if there is none. */
    long incomingIndex() {
        return wanted == null ? 0 : wanted.index();
    }
}
