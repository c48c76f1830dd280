package io.balsa.raft.testkit;

import java.io.InputStream;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.Supplier;

import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.spi.StorageException;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The snapshots of a server as one process of it gets at them: any call may fail, find the disk full, or be the last
 * thing that the process does, before or after it has taken effect.
 */
final class ProcessSnapshots implements SnapshotStore {
    private final SimDisk disk;
    private final KillSwitch killSwitch;

    ProcessSnapshots(SimDisk disk, KillSwitch killSwitch) {
        this.disk = disk;
        this.killSwitch = killSwitch;
    }

    @Override
    public Optional<Snapshot> newest() {
        return disk.snapshots().newest();
    }

    @Override
    public Snapshot save(long index, long term, long stateHash, SortedSet<Integer> members, StateMachine.View view) {
        return writing(() -> {
            final Snapshot saved = disk.snapshots().save(index, term, stateHash, members, view);
            disk.observer().onSnapshot(disk.nodeId(), saved);
            return saved;
        });
    }

    @Override
    public InputStream open(Snapshot snapshot) {
        return call(() -> disk.snapshots().open(snapshot));
    }

    @Override
    public void read(Snapshot snapshot, long from, MutableDirectBuffer target, int offset, int length) {
        call(() -> {
            disk.snapshots().read(snapshot, from, target, offset, length);
            return snapshot;
        });
    }

    @Override
    public Receiving receive(Snapshot snapshot) {
        final Receiving incoming = writing(() -> disk.snapshots().receive(snapshot));
        return new Receiving() {
            @Override
            public long position() {
                return incoming.position();
            }

            @Override
            public void write(DirectBuffer source, int offset, int length) {
                writing(() -> {
                    incoming.write(source, offset, length);
                    return incoming;
                });
            }

            @Override
            public boolean complete() {
                return writing(incoming::complete);
            }

            @Override
            public void discard() {
                incoming.discard();
            }
        };
    }

    private <T> T writing(Supplier<T> operation) {
        return call(() -> {
            if (disk.isFull()) {
                throw new StorageException("n" + disk.nodeId() + "'s disk has no room for a snapshot; make some");
            }
            return operation.get();
        });
    }

    private <T> T call(Supplier<T> operation) {
        killSwitch.onCall();
        final boolean dies = disk.drawSnapshotFault(disk.snapshotFaults().fatal()) && killSwitch.mayFire();
        if (dies && disk.drawSnapshotFault(0.5)) {
            killSwitch.fire();
        }
        if (disk.drawSnapshotFault(disk.snapshotFaults().failed())) {
            throw new StorageException("n" + disk.nodeId() + "'s disk fails at a snapshot; try again");
        }
        final T result = operation.get();
        if (dies) {
            killSwitch.fire();
        }
        return result;
    }
}
