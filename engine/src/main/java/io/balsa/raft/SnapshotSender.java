package io.balsa.raft;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.function.LongSupplier;

import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.spi.SnapshotStore.Snapshot;
import io.balsa.raft.spi.Transport;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The leader's side of InstallSnapshot (Figure 13), one transfer per follower: asks how far the follower has got with
 * this very snapshot, goes on from there, a window ahead of what it has written, and starts over only where the
 * follower says so. At a pace that leaves network and processor to what commits meanwhile.
 */
final class SnapshotSender {
    /** How much may be sent that the follower has not written yet; it keeps room for twice as much. */
    static final int WINDOW = 1 << 20;
    private static final int BLOCK = 256 << 10;
    private static final long REWIND_NS = 10_000_000;
    /** Pacing looks back no further: a transfer that was held up does not make up for it in a burst. */
    private static final long BURST_NS = 5_000_000;
    /** The transport may have to open a way to the follower first, or be full. */
    private static final long REFUSED_NS = 1_000_000;
    private static final long NEVER = Long.MIN_VALUE;

    private final Outbox outbox;
    private final SnapshotStore store;
    private final Snapshots snapshots;
    private final OffLoop.Lane lane;
    private final long bytesPerSecond;
    private final long silenceNs;
    private final Transfer[] transfers;
    /** Where a follower has caught up that was sent a snapshot; what it needs until then is held. */
    private final long[] caughtUpAt;
    private final long[] failedNs;
    private final LongSupplier lastIndex;

    /**
     * @param silenceNs how long to wait for an answer before asking again
     * @param lastIndex where the log ends now
     */
    SnapshotSender(Outbox outbox, SnapshotStore store, Snapshots snapshots, OffLoop.Lane lane, int peers,
                   long bytesPerSecond, long silenceNs, LongSupplier lastIndex) {
        this.outbox = outbox;
        this.store = store;
        this.snapshots = snapshots;
        this.lane = lane;
        this.bytesPerSecond = bytesPerSecond;
        this.silenceNs = silenceNs;
        transfers = new Transfer[peers];
        this.lastIndex = lastIndex;
        caughtUpAt = new long[peers];
        Arrays.fill(caughtUpAt, Long.MAX_VALUE);
        failedNs = new long[peers];
        Arrays.fill(failedNs, NEVER);
    }

    private static final class Transfer {
        private final Snapshot snapshot;
        private boolean answered;
        /** The follower wants this byte next: all before it is there, written or about to be. */
        private long wanted;
        private long written;
        private long next;
        private long heardNs;
        private long askedNs;
        private long rewoundNs;
        private long pacedNs;

        private final UnsafeBuffer block = new UnsafeBuffer(new byte[BLOCK]);
        private long blockFrom;
        private int blockLength;
        private boolean reading;

        private Transfer(Snapshot snapshot, long nowNs) {
            this.snapshot = snapshot;
            heardNs = nowNs;
            pacedNs = nowNs;
            rewoundNs = nowNs - REWIND_NS;
        }

        private boolean holds(long position) {
            return position >= blockFrom && position < blockFrom + blockLength;
        }
    }

    /** Sends a little more to this follower, in every cycle that finds it in need. */
    void send(int row, long term, long nextIndex, long nowNs) {
        if (transfers[row] == null || transfers[row].snapshot.index() < nextIndex) {
            begin(row, term, nowNs);
        } else if (nowNs - transfers[row].heardNs >= silenceNs) {
            if (nowNs - transfers[row].askedNs >= silenceNs) {
                transfers[row].answered = false;
                ask(row, term, nowNs);
            }
        } else if (transfers[row].answered) {
            stream(transfers[row], row, term, nowNs);
        }
    }

    private void begin(int row, long term, long nowNs) {
        if (failedNs[row] == NEVER || nowNs - failedNs[row] >= silenceNs) {
            failedNs[row] = NEVER;
            // A leader whose log has lost its front has a snapshot that stands for it.
            transfers[row] = new Transfer(snapshots.newest().orElseThrow(), nowNs);
            caughtUpAt[row] = Long.MAX_VALUE;
            snapshots.hold(row, transfers[row].snapshot);
            ask(row, term, nowNs);
        }
    }

    private void ask(int row, long term, long nowNs) {
        final int code = outbox.installSnapshot(row, term, transfers[row].snapshot, 0, transfers[row].block, 0, 0);
        transfers[row].askedNs = code == Transport.ACCEPTED ? nowNs : nowNs - silenceNs + REFUSED_NS;
    }

    private void stream(Transfer transfer, int row, long term, long nowNs) {
        transfer.pacedNs = Math.max(transfer.pacedNs, nowNs - BURST_NS);
        while (transfer.pacedNs < nowNs && transfer.next < transfer.snapshot.length()
            && transfer.next - transfer.written < WINDOW) {
            if (!transfer.holds(transfer.next)) {
                read(transfer, row);
                return;
            }
            final int at = (int) (transfer.next - transfer.blockFrom);
            final int length = Math.min(outbox.maxSnapshotBytes(), transfer.blockLength - at);
            if (outbox.installSnapshot(row, term, transfer.snapshot, transfer.next, transfer.block, at, length)
                != Transport.ACCEPTED) {
                transfer.pacedNs = nowNs + REFUSED_NS;
                return;
            }
            transfer.next += length;
            transfer.pacedNs += length * 1_000_000_000L / bytesPerSecond;
        }
    }

    private void read(Transfer transfer, int row) {
        if (transfer.reading) {
            return;
        }
        transfer.reading = true;
        transfer.blockLength = 0;
        final long from = transfer.next;
        final int length = (int) Math.min(BLOCK, transfer.snapshot.length() - from);
        lane.run(() -> {
            store.read(transfer.snapshot, from, transfer.block, 0, length);
            return length;
        }, read -> {
            transfer.reading = false;
            transfer.blockFrom = from;
            transfer.blockLength = read;
        }, cause -> giveUp(row, transfer, cause));
    }

    /**
     * It has made room for newer ones, and the newest takes its place. Or it is the newest, and the disk cannot read it
     * any more: then the state in memory, which is sound, is written once more.
     */
    private void giveUp(int row, Transfer transfer, Throwable cause) {
        if (!(cause instanceof RaftException) && !(cause instanceof IOException)) {
            throw new IllegalStateException("snapshot " + transfer.snapshot + " cannot be sent", cause);
        }
        if (transfers[row] == transfer) {
            transfers[row] = null;
        }
        if (snapshots.newest().filter(transfer.snapshot::equals).isPresent()) {
            failedNs[row] = transfer.heardNs;
            snapshots.renew(cause.getMessage());
        }
    }

    /** The follower had all of it, and what it had was not what was announced: is it what is on the disk here? */
    private void check(int row, Transfer transfer) {
        lane.run(() -> {
            try (InputStream bytes = store.open(transfer.snapshot)) {
                return bytes.transferTo(OutputStream.nullOutputStream());
            }
        }, isSound -> { }, cause -> giveUp(row, transfer, cause));
    }

    /**
     * The follower wants this byte next.
     *
     * @param written all before this one is on its disk
     */
    void onResult(int row, long lastIncludedIndex, long contentHash, long position, long written, long nowNs) {
        final Transfer transfer = transfers[row];
        if (transfer == null || transfer.snapshot.index() != lastIncludedIndex
            || transfer.snapshot.contentHash() != contentHash || position > transfer.snapshot.length()) {
            return;
        }
        transfer.heardNs = nowNs;
        if (written == 0 && transfer.written == transfer.snapshot.length()) {
            check(row, transfer);
        }
        final boolean lacksSome = position == transfer.wanted && position < transfer.next
            && nowNs - transfer.rewoundNs >= REWIND_NS;
        if (!transfer.answered || position < transfer.wanted || lacksSome) {
            transfer.next = position;
            transfer.rewoundNs = nowNs;
        }
        transfer.answered = true;
        transfer.wanted = position;
        transfer.written = written;
        transfer.next = Math.max(transfer.next, position);
    }

    /** This follower is sent entries behind {@code prevLogIndex}: no snapshot any more. */
    void onEntries(int row, long prevLogIndex) {
        if (transfers[row] != null) {
            transfers[row] = null;
            caughtUpAt[row] = lastIndex.getAsLong();
        }
        if (prevLogIndex >= caughtUpAt[row]) {
            caughtUpAt[row] = Long.MAX_VALUE;
            snapshots.release(row);
        }
    }

    /** This follower is known to have everything up to {@code matchIndex}. */
    void onMatch(int row, long matchIndex) {
        if (transfers[row] == null || matchIndex >= transfers[row].snapshot.index()) {
            onEntries(row, matchIndex);
        }
    }

    /** This server leads no more: nobody needs anything of it. */
    void stop() {
        for (int row = 0; row < transfers.length; row++) {
            transfers[row] = null;
            caughtUpAt[row] = Long.MAX_VALUE;
            snapshots.release(row);
        }
    }
}
