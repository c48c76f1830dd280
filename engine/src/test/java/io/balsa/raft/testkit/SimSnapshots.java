package io.balsa.raft.testkit;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
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

    private record Stored(Snapshot snapshot, byte[] bytes) {
    }

    private final List<Stored> stored = new ArrayList<>();
    private Incoming incoming;
    private boolean broken;

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
            out.write(ByteBuffer.allocate(2 * Long.BYTES).putLong(index).putLong(term).array());
            view.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // there is no disk that could have failed
        }
        final byte[] bytes = out.toByteArray();
        final Snapshot snapshot = new Snapshot(index, term, stateHash, digest(bytes), bytes.length);
        keep(new Stored(snapshot, bytes));
        return snapshot;
    }

    private static long digest(byte[] bytes) {
        return Mix.bytes(new UnsafeBuffer(bytes), 0, bytes.length);
    }

    private synchronized void keep(Stored newest) {
        requireSound();
        if (newest().isEmpty() || newest().get().index() < newest.snapshot.index()) {
            stored.add(newest);
            if (stored.size() > KEPT) {
                stored.removeFirst();
            }
        }
    }

    /** A bit of the newest snapshot flips. */
    public synchronized void damageNewest() {
        final byte[] bytes = stored.getLast().bytes;
        bytes[bytes.length - 1] ^= 1;
    }

    /** What its state machine wrote, to be looked at by a check. */
    public synchronized Optional<byte[]> newestState() {
        return stored.isEmpty() ? Optional.empty() : Optional.of(
            Arrays.copyOfRange(stored.getLast().bytes, 2 * Long.BYTES, stored.getLast().bytes.length));
    }

    /** As on a disk that was replaced. */
    synchronized void clear() {
        stored.clear();
        incoming = null;
    }

    /** What was on its way in does not outlive the process. */
    synchronized void crash() {
        incoming = null;
    }

    @Override
    public InputStream open(Snapshot snapshot) {
        final byte[] bytes = find(snapshot);
        if (digest(bytes) != snapshot.contentHash()) {
            throw new LogCorruptException("snapshot " + snapshot.index() + " is damaged; rebuild this node");
        }
        return new ByteArrayInputStream(bytes, 2 * Long.BYTES, bytes.length - 2 * Long.BYTES);
    }

    @Override
    public void read(Snapshot snapshot, long from, MutableDirectBuffer target, int offset, int length) {
        target.putBytes(offset, find(snapshot), (int) from, length);
    }

    private synchronized byte[] find(Snapshot snapshot) {
        return stored.stream().filter(one -> one.snapshot.equals(snapshot)).findFirst().map(Stored::bytes)
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
            source.getBytes(offset, bytes, position, length);
            position += length;
        }

        @Override
        public boolean complete() {
            discard();
            if (position != bytes.length || digest(bytes) != snapshot.contentHash()) {
                return false;
            }
            keep(new Stored(snapshot, bytes));
            return true;
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
