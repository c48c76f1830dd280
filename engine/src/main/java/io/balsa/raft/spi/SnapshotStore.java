package io.balsa.raft.spi;

import java.io.InputStream;
import java.util.Optional;
import java.util.SortedSet;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The snapshots of one node: what its state machine was after some entry, so that the log before it may go (§7). The
 * newest two are kept, whole and durable; a snapshot that is being written or received is not one of them yet.
 *
 * <p>Every method may wait for a disk, so none is called on the loop thread once the node runs, except {@link #open}:
 * it is part of a call of the state machine, which the loop does not wait for if it lasts. One thread takes
 * ({@link #save}) while another reads, receives and restores. {@link #newest} and {@link #open} may be called by any
 * number of further threads, virtual ones among them, as those of clients that fetch snapshots: neither waits for
 * another call, however long that one's disk takes.
 */
public interface SnapshotStore {
    /**
     * One snapshot. Two that are equal in all of this hold the same bytes, whoever took them.
     *
     * @param index       the last entry whose effect it holds
     * @param term        that entry's term
     * @param stateHash   {@link StateMachine#stateHash()} of the state it holds, or {@link StateMachine#NO_HASH}
     * @param contentHash digest of all its bytes
     * @param length      how many bytes there are to send: the state, and what is written around it
     */
    record Snapshot(long index, long term, long stateHash, long contentHash, long length) {
    }

    /** The newest snapshot, empty when there is none. Any thread; does not wait. */
    Optional<Snapshot> newest();

    /**
     * Writes a snapshot and forces it in steps, at a pace that leaves the disk to the log. When this returns it is
     * durable, whole, the newest one, and older ones than the last two are gone. Where a newer one was received
     * meanwhile, that one stays and this one is dropped. One of the same entry, which the disk may not give any more,
     * is replaced.
     *
     * @param members who belonged to the group
     * @param view    the state after entry {@code index}; an unchecked exception it throws comes through, and nothing
     *                has changed
     * @return what was written
     * @throws StorageException when the disk failed or has no room: nothing has changed, and it may be tried again
     */
    Snapshot save(long index, long term, long stateHash, SortedSet<Integer> members, StateMachine.View view);

    /**
     * What {@link StateMachine.View#writeTo} wrote. Reading it throws {@link LogCorruptException} where a checksum
     * fails.
     *
     * @return for one thread; it stays readable to its end when the snapshot is gone from here
     * @throws StorageException when the snapshot is gone, or cannot be read
     */
    InputStream open(Snapshot snapshot);

    /**
     * Copies bytes {@code from .. from + length} of a snapshot, to be sent to another node's {@link Receiving}.
     *
     * @throws StorageException when the snapshot is gone, or cannot be read
     */
    void read(Snapshot snapshot, long from, MutableDirectBuffer target, int offset, int length);

    /**
     * Begins to receive a snapshot, or goes on with it if this very one was begun before and not discarded. Whatever
     * else was begun is discarded.
     *
     * @throws StorageException when the disk failed or has no room
     */
    Receiving receive(Snapshot snapshot);

    /** A snapshot on its way in. It belongs to the thread that receives. */
    interface Receiving {
        /** How many bytes are there; the next ones are to be written here. */
        long position();

        /** Takes the bytes that follow. */
        void write(DirectBuffer source, int offset, int length);

        /**
         * To be called once all bytes are there. Verifies them and makes them durable; when this returns true the
         * snapshot is the newest, unless a newer one is there already.
         *
         * @return false when they are not the snapshot that was announced: they are discarded
         * @throws StorageException when the disk failed or has no room, or they are of a version that cannot be read
         */
        boolean complete();

        /** Forgets what has arrived. */
        void discard();
    }
}
