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
    private final RaftCore core;
    private final Outbox outbox;
    private final Links links;
    private final SnapshotStore store;
    private final Snapshots snapshots;
    private final Applier<?> applier;
    private final OffLoop.Lane lane;

    /** What is on its way in, null when nothing is. */
    private Snapshot wanted;
    private long wantedTerm;
    /** The present one: what comes of earlier ones, even at the same snapshot, is of no interest any more. */
    private long attempt;
    /** Null until the store is ready for it, and again once all its bytes are there. */
    private SnapshotStore.Receiving incoming;
    private int row;
    private long received;
    /** How much of that the store has taken: the rest is in the buffers here. */
    private long written;
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
            outbox.snapshotResult(fromRow, core.currentTerm(), snapshot.index(), snapshot.contentHash(), 0, 0);
            return;
        }
        row = fromRow;
        if (snapshot.index() <= core.commitIndex()) {
            core.onSnapshotInstalled(snapshot.index(), snapshot.term()); // of no use here; the leader is told so
        } else if (snapshot.equals(wanted)) {
            wantedTerm = term;
            goOn(position, bytes, offset, length);
        } else if (!isOvertaken(snapshot, term)) {
            begin(snapshot, term);
        }
    }

    private void goOn(long position, DirectBuffer bytes, int offset, int length) {
        if (incoming == null) {
            return; // the store is not ready for it yet, or has all of it
        }
        if (length > 0 && position == received) {
            take(bytes, offset, length);
        } else {
            tell();
        }
    }

    /** A leader goes on to newer snapshots, never back: this is a late message about one that it has given up. */
    private boolean isOvertaken(Snapshot snapshot, long term) {
        return wanted != null && term == wantedTerm && snapshot.index() < wanted.index();
    }

    /** The store goes on with what it has of it, or begins anew and forgets any other. */
    private void begin(Snapshot snapshot, long term) {
        final long thisAttempt = ++attempt;
        wanted = snapshot;
        wantedTerm = term;
        incoming = null;
        filled = 0;
        if (filling.capacity() == 0) {
            filling = new UnsafeBuffer(new byte[2 * SnapshotSender.WINDOW]);
            spare = new UnsafeBuffer(new byte[2 * SnapshotSender.WINDOW]);
        }
        lane.run(() -> store.receive(snapshot), ready -> {
            if (thisAttempt == attempt) {
                incoming = ready;
                received = ready.position();
                written = received;
                proceed();
            }
        }, cause -> giveUp(thisAttempt, snapshot, cause));
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
        final long thisAttempt = attempt;
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
            if (incoming == into) { // else another reception has begun meanwhile, and waits for this turn
                written = position;
            }
            if (incoming != null) {
                proceed();
            }
        }, cause -> {
            writing = false;
            giveUp(thisAttempt, snapshot, cause);
        });
    }

    private void proceed() {
        snapshots.onItsWay(written, wanted.length());
        tell();
        if (written == wanted.length()) {
            complete();
        } else {
            write();
        }
    }

    private void complete() {
        final long thisAttempt = attempt;
        final Snapshot snapshot = wanted;
        final SnapshotStore.Receiving whole = incoming;
        incoming = null;
        lane.run(whole::complete, isWhole -> {
            if (isWhole) {
                installed(snapshot);
            } else {
                snapshots.tell("the snapshot up to entry " + snapshot.index() + " did not arrive as node "
                    + links.id[row] + " announced it: it is dropped and asked for again");
            }
            forget(thisAttempt);
        }, cause -> giveUp(thisAttempt, snapshot, cause));
    }

    /** The log may be compacted up to there from now on, so what was not applied until now is not applied any more. */
    private void installed(Snapshot snapshot) {
        core.onSnapshotInstalled(snapshot.index(), snapshot.term());
        snapshots.installed(snapshot);
        if (applier.appliedIndex() < snapshot.index()) {
            applier.restore(snapshot);
        }
    }

    /** What was committed here by the log meanwhile is not asked for any more: frees the room that it takes. */
    void dropWhatIsOvertaken() {
        if (incoming != null && wanted.index() <= core.commitIndex()) {
            final Snapshot snapshot = wanted;
            final SnapshotStore.Receiving half = incoming;
            final long thisAttempt = attempt;
            forget(thisAttempt);
            lane.run(() -> {
                half.discard();
                return snapshot;
            }, discarded -> { }, cause -> giveUp(thisAttempt, snapshot, cause));
        }
    }

    /** A disk without room may have some later, and the leader goes on asking. */
    private void giveUp(long thatAttempt, Snapshot snapshot, Throwable cause) {
        if (!(cause instanceof StorageException)) {
            throw new IllegalStateException("snapshot " + snapshot + " could not be received", cause);
        }
        snapshots.tell("the snapshot up to entry " + snapshot.index() + " cannot be received now: "
            + cause.getMessage());
        forget(thatAttempt);
    }

    private void forget(long thatAttempt) {
        if (thatAttempt == attempt) {
            snapshots.onItsWay(0, 0);
            wanted = null;
            incoming = null;
            filled = 0;
            filling = new UnsafeBuffer(0, 0);
            spare = new UnsafeBuffer(0, 0);
        }
    }

    private void tell() {
        outbox.snapshotResult(row, core.currentTerm(), wanted.index(), wanted.contentHash(), received, written);
    }
}
