package io.balsa.kv.labs;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.spi.Storage;
import io.balsa.raft.spi.VoteStore;
import io.balsa.raft.testkit.RaftStateSize;
import org.agrona.DirectBuffer;

/** A storage that tells of every command appended to its log, and how large the log is. */
final class WatchedStorage implements Storage {
    /** Loop thread. */
    @FunctionalInterface
    interface AppendObserver {
        void onAppend(long index, long term, DirectBuffer command, int offset);
    }

    private final Storage storage;
    private final RaftLog log;
    /** What each entry of the log adds to the size of Raft's state. */
    private final ConcurrentSkipListMap<Long, Integer> entryBytes = new ConcurrentSkipListMap<>();

    /** @param markBytes of each command are not the group's but the test's */
    WatchedStorage(Storage storage, int markBytes, AppendObserver observer) {
        this.storage = storage;
        this.log = new WatchedLog(storage.log(), markBytes, observer, entryBytes);
        if (log.firstIndex() <= log.lastIndex()) {
            log.read(log.firstIndex(), log.lastIndex(), (index, term, kind, buffer, offset, length) -> {
                entryBytes.put(index, RaftStateSize.ofEntry(length - markBytes));
                return true;
            });
        }
    }

    /**
     * The entries that the newest snapshot does not stand for, and term and vote. Those before it may still be in the
     * log's files, which go as a whole. Any thread.
     */
    long raftStateBytes() {
        final long covered = storage.snapshots().newest().map(SnapshotStore.Snapshot::index).orElse(0L);
        return RaftStateSize.FIXED_BYTES
            + entryBytes.tailMap(covered, false).values().stream().mapToLong(Integer::longValue).sum();
    }

    @Override
    public Identity identity() {
        return storage.identity();
    }

    @Override
    public long boot() {
        return storage.boot();
    }

    @Override
    public VoteStore votes() {
        return storage.votes();
    }

    @Override
    public RaftLog log() {
        return log;
    }

    @Override
    public SnapshotStore snapshots() {
        return storage.snapshots();
    }

    @Override
    public void close() {
        storage.close();
    }

    private record WatchedLog(RaftLog log, int markBytes, AppendObserver observer, Map<Long, Integer> entryBytes)
        implements RaftLog {
        @Override
        public long firstIndex() {
            return log.firstIndex();
        }

        @Override
        public long lastIndex() {
            return log.lastIndex();
        }

        @Override
        public void recoveredTerms(TermRunConsumer consumer) {
            log.recoveredTerms(consumer);
        }

        @Override
        public int maxCommandLength() {
            return log.maxCommandLength();
        }

        @Override
        public Room roomFor(int bytes) {
            return log.roomFor(bytes);
        }

        @Override
        public long append(long term, byte kind, DirectBuffer command, int offset, int length) {
            final long index = log.append(term, kind, command, offset, length);
            entryBytes.put(index, RaftStateSize.ofEntry(length - markBytes));
            if (kind == COMMAND) {
                observer.onAppend(index, term, command, offset);
            }
            return index;
        }

        @Override
        public void truncateFrom(long index) {
            log.truncateFrom(index);
            entryBytes.keySet().removeIf(other -> other >= index);
        }

        @Override
        public long baseTerm() {
            return log.baseTerm();
        }

        @Override
        public boolean compact(long index, long keepBytes) {
            return log.compact(index, keepBytes);
        }

        @Override
        public void reset(long index, long term) {
            log.reset(index, term);
            entryBytes.clear();
        }

        @Override
        public long read(long firstIndex, long lastIndex, EntryConsumer consumer) {
            return log.read(firstIndex, lastIndex, consumer);
        }

        @Override
        public int pollPersisted(PersistedConsumer consumer) {
            return log.pollPersisted(consumer);
        }

        @Override
        public long forcedIndex() {
            return log.forcedIndex();
        }

        @Override
        public void close() {
            log.close();
        }
    }
}
