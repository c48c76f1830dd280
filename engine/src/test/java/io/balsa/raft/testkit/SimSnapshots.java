package io.balsa.raft.testkit;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.spi.StorageException;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Snapshots in memory, which outlive the processes of their server: the newest two, and what has arrived of one on its
 * way in, which does not. Each call takes effect whole or not at all.
 */
public final class SimSnapshots implements SnapshotStore {
    private static final int KEPT = 2;

    private static final class Stored {
        private static final int FIXED = 3 * Long.BYTES + Integer.BYTES;

        private final Snapshot snapshot;
        /** Index, term, state hash and members, and the state behind them. */
        private final byte[] bytes;

        private Stored(Snapshot snapshot, byte[] bytes) {
            this.snapshot = snapshot;
            this.bytes = bytes;
        }

        private static Stored of(byte[] bytes) {
            final ByteBuffer header = ByteBuffer.wrap(bytes);
            return new Stored(new Snapshot(header.getLong(), header.getLong(), header.getLong(), digest(bytes),
                bytes.length), bytes);
        }

        private static byte[] header(long index, long term, long stateHash, SortedSet<Integer> members) {
            final ByteBuffer header = ByteBuffer.allocate(FIXED + members.size() * Integer.BYTES)
                .putLong(index).putLong(term).putLong(stateHash).putInt(members.size());
            members.forEach(header::putInt);
            return header.array();
        }

        private int stateOffset() {
            return FIXED + ByteBuffer.wrap(bytes).getInt(FIXED - Integer.BYTES) * Integer.BYTES;
        }
    }

    private final List<Stored> stored = new ArrayList<>();
    private Incoming incoming;
    private boolean broken;
    private Stored unreadable;
    private int readsFailed;
    private Snapshot lastOpened;
    private long installed;
    private long cutShort;

    /** Whether saving and receiving fail from now on. */
    public synchronized void setBroken(boolean broken) {
        this.broken = broken;
    }

    @Override
    public synchronized Optional<Snapshot> newest() {
        return stored.isEmpty() ? Optional.empty() : Optional.of(stored.getLast().snapshot);
    }

    @Override
    public Snapshot save(long index, long term, long stateHash, SortedSet<Integer> members, StateMachine.View view) {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            out.write(Stored.header(index, term, stateHash, members));
            view.writeTo(out);
        } catch (IOException e) {
            throw new StorageException("snapshot of entry " + index + " cannot be saved: " + e, e);
        }
        final Stored saved = Stored.of(out.toByteArray());
        keep(saved);
        return saved.snapshot;
    }

    private static long digest(byte[] bytes) {
        return Mix.bytes(new UnsafeBuffer(bytes), 0, bytes.length);
    }

    private synchronized void keep(Stored newest) {
        requireSound();
        if (newest().isEmpty() || newest().get().index() <= newest.snapshot.index()) {
            stored.removeIf(one -> one.snapshot.index() == newest.snapshot.index());
            stored.add(newest);
            if (stored.size() > KEPT) {
                stored.removeFirst();
            }
        }
    }

    /** From now on this snapshot's place on the disk cannot be read. */
    public synchronized void failReads(Snapshot lost) {
        unreadable = stored.stream().filter(one -> one.snapshot.equals(lost)).findFirst().orElseThrow();
    }

    /** How often that was tried. */
    public synchronized int readsFailed() {
        return readsFailed;
    }

    /** A bit of the newest snapshot flips. */
    public synchronized void damageNewest() {
        final byte[] bytes = stored.getLast().bytes;
        bytes[bytes.length - 1] ^= 1;
    }

    /** What its state machine wrote, to be looked at by a check. */
    public synchronized Optional<byte[]> newestState() {
        return stored.isEmpty() ? Optional.empty() : Optional.of(
            Arrays.copyOfRange(stored.getLast().bytes, stored.getLast().stateOffset(), stored.getLast().bytes.length));
    }

    /** As on a disk that was replaced. */
    synchronized void clear() {
        stored.clear();
        incoming = null;
    }

    /** What was on its way in does not outlive the process. */
    public synchronized void endsProcess() {
        if (incoming != null && incoming.position > 0) {
            cutShort++;
        }
        incoming = null;
    }

    /** Whether all bytes are there of what is on its way in. */
    public synchronized boolean isAllThere() {
        return incoming != null && incoming.position == incoming.bytes.length;
    }

    /** How many came in whole. */
    synchronized long installed() {
        return installed;
    }

    /** How many were on their way in when their process ended. */
    synchronized long cutShort() {
        return cutShort;
    }

    /** The snapshot that was last asked for to be restored. */
    synchronized Snapshot lastOpened() {
        return lastOpened;
    }

    @Override
    public InputStream open(Snapshot snapshot) {
        noteOpened(snapshot);
        final Stored found = find(snapshot);
        if (digest(found.bytes) != snapshot.contentHash()) {
            throw new LogCorruptException("snapshot " + snapshot.index() + " is damaged; rebuild this node");
        }
        return new ByteArrayInputStream(found.bytes, found.stateOffset(), found.bytes.length - found.stateOffset());
    }

    private synchronized void noteOpened(Snapshot snapshot) {
        lastOpened = snapshot;
    }

    @Override
    public void read(Snapshot snapshot, long from, MutableDirectBuffer target, int offset, int length) {
        if (from < 0 || length < 0 || from + length > snapshot.length()) {
            throw new IllegalArgumentException("bytes " + from + ".." + (from + length) + " of a snapshot of "
                + snapshot.length());
        }
        final Stored source = find(snapshot);
        if (source == unreadable) {
            readsFailed++;
            throw new StorageException("snapshot " + snapshot.index() + " cannot be read");
        }
        target.putBytes(offset, source.bytes, (int) from, length);
    }

    private synchronized Stored find(Snapshot snapshot) {
        return stored.stream().filter(one -> one.snapshot.equals(snapshot)).findFirst()
            .orElseThrow(() -> new StorageException("snapshot " + snapshot.index() + " is gone; a newer one is here"));
    }

    @Override
    public synchronized Receiving receive(Snapshot snapshot) {
        requireSound();
        if (incoming == null || !incoming.snapshot.equals(snapshot)) {
            incoming = new Incoming(snapshot);
        }
        return incoming;
    }

    private void requireSound() {
        if (broken) {
            throw new StorageException("the disk takes no snapshot; make room");
        }
    }

    private final class Incoming implements Receiving {
        private final Snapshot snapshot;
        private final byte[] bytes;
        private int position;

        private Incoming(Snapshot snapshot) {
            this.snapshot = snapshot;
            bytes = new byte[Math.toIntExact(snapshot.length())];
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public void write(DirectBuffer source, int offset, int length) {
            requireGoingOn();
            if (length > bytes.length - position) {
                throw new IllegalArgumentException(length + " bytes after " + position + " of a snapshot of "
                    + bytes.length);
            }
            source.getBytes(offset, bytes, position, length);
            position += length;
        }

        @Override
        public boolean complete() {
            requireGoingOn();
            discard();
            if (position != bytes.length || bytes.length < Stored.FIXED) {
                return false;
            }
            final Stored received = Stored.of(bytes);
            if (!received.snapshot.equals(snapshot)) {
                return false;
            }
            keep(received);
            noteInstalled();
            return true;
        }

        private void noteInstalled() {
            synchronized (SimSnapshots.this) {
                installed++;
            }
        }

        private void requireGoingOn() {
            synchronized (SimSnapshots.this) {
                if (incoming != this) {
                    throw new IllegalStateException("snapshot " + snapshot.index() + " is no longer being received");
                }
            }
        }

        @Override
        public void discard() {
            synchronized (SimSnapshots.this) {
                if (incoming == this) {
                    incoming = null;
                }
            }
        }
    }
}
