package io.balsa.kv.labs;

import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.spi.Storage;
import io.balsa.raft.spi.VoteStore;
import org.agrona.DirectBuffer;

/** A storage that tells {@link Offers} of every command appended to its log. */
final class WatchedStorage implements Storage {
    private final Storage storage;
    private final RaftLog log;

    WatchedStorage(Storage storage, int server, Offers offers) {
        this.storage = storage;
        this.log = new WatchedLog(storage.log(), server, offers);
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

    private record WatchedLog(RaftLog log, int server, Offers offers) implements RaftLog {
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
            if (kind == COMMAND) {
                offers.onAppend(server, command.getLong(offset), index, term);
            }
            return index;
        }

        @Override
        public void truncateFrom(long index) {
            log.truncateFrom(index);
        }

        @Override
        public long baseTerm() {
            return log.baseTerm();
        }

        @Override
        public void compact(long index, long keepBytes) {
            log.compact(index, keepBytes);
        }

        @Override
        public void reset(long index, long term) {
            log.reset(index, term);
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
        public void close() {
            log.close();
        }
    }
}
