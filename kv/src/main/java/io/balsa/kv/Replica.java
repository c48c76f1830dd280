package io.balsa.kv;

import java.util.concurrent.CompletableFuture;

import io.balsa.raft.Completion;
import io.balsa.raft.RaftNode;
import io.balsa.raft.RaftStatus;
import io.balsa.raft.ReadCompletion;
import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.spi.Storage;
import org.agrona.DirectBuffer;

/** What the server needs of the Raft node beside it: the methods of {@link RaftNode} of the same names, and its
 * snapshots. */
interface Replica {
    int offer(DirectBuffer buffer, int offset, int length, Completion<KvReply> completion);

    int offerRead(ReadCompletion completion);

    RaftStatus status();

    CompletableFuture<Long> takeSnapshot();

    /** What the node has on its disk. */
    SnapshotStore snapshots();

    /** What the node's directory remembered when it was opened; {@link RaftStatus#voter} says what became of it. */
    Storage.Standing standing();

    /** The engine itself. */
    static Replica of(RaftNode<KvReply> node, Storage storage) {
        return new Replica() {
            @Override
            public int offer(DirectBuffer buffer, int offset, int length, Completion<KvReply> completion) {
                return node.offer(buffer, offset, length, completion);
            }

            @Override
            public int offerRead(ReadCompletion completion) {
                return node.offerRead(completion);
            }

            @Override
            public RaftStatus status() {
                return node.status();
            }

            @Override
            public CompletableFuture<Long> takeSnapshot() {
                return node.takeSnapshot();
            }

            @Override
            public SnapshotStore snapshots() {
                return storage.snapshots();
            }

            @Override
            public Storage.Standing standing() {
                return storage.identity().standing();
            }
        };
    }
}
