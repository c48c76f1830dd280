package io.balsa.raft;

import java.util.concurrent.locks.LockSupport;

import io.balsa.raft.spi.StorageException;
import io.balsa.raft.spi.Threads;
import io.balsa.raft.spi.Transport;
import io.balsa.raft.spi.VoteStore;

/**
 * A vote must be durable before the node says anything more, and a disk may take seconds over it. Meanwhile the core
 * gets no input, but the transport must be kept alive: so a thread of its own forces the vote while the loop thread
 * lets the transport work.
 */
final class OffLoopVotes implements VoteStore, AutoCloseable {
    private final VoteStore store;
    private final Transport transport;
    private final Thread writer;

    private long term;
    private int votedFor;
    private boolean promotes;
    private RuntimeException failure;
    private volatile boolean asked;
    private volatile boolean closed;

    OffLoopVotes(VoteStore store, Transport transport, String name) {
        this.store = store;
        this.transport = transport;
        writer = Thread.ofPlatform().name(name).daemon().unstarted(this::write);
    }

    void start() {
        writer.start();
    }

    @Override
    public long currentTerm() {
        return store.currentTerm();
    }

    @Override
    public int votedFor() {
        return store.votedFor();
    }

    @Override
    public void persist(long currentTerm, int candidateId) {
        persist(currentTerm, candidateId, false);
    }

    @Override
    public void promote(long currentTerm, int candidateId) {
        persist(currentTerm, candidateId, true);
    }

    /** The last thing that this node does: it may wait for the disk. */
    @Override
    public void demote(long bootCounter) {
        store.demote(bootCounter);
    }

    // The disk decides how long this takes, not the scheduler; the writer may need this very processor meanwhile.
    @SuppressWarnings("ThreadPriorityCheck")
    private void persist(long currentTerm, int candidateId, boolean promote) {
        term = currentTerm;
        votedFor = candidateId;
        promotes = promote;
        failure = null;
        asked = true;
        LockSupport.unpark(writer);
        while (asked) {
            transport.doWork();
            Thread.yield();
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void write() {
        while (!closed) {
            if (asked) {
                try {
                    if (promotes) {
                        store.promote(term, votedFor);
                    } else {
                        store.persist(term, votedFor);
                    }
                } catch (RuntimeException e) {
                    failure = e;
                } catch (Error e) {
                    failure = new StorageException("the vote in term " + term + " could not be forced (" + e
                        + "): this node stops, since it cannot know what its disk holds", e);
                }
                asked = false;
            } else {
                LockSupport.park(this);
            }
        }
    }

    /** Lets a force that is under way come to its end: nobody may close the files beneath it. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(writer);
        Threads.join(writer);
    }
}
