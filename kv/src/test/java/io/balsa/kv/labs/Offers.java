package io.balsa.kv.labs;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import io.balsa.raft.Completion;
import io.balsa.raft.Outcome;
import io.balsa.raft.RaftNode;
import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.testkit.LabGroup.Started;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Finds out at which index a server puts a command, long before it is committed: each offer goes under a number of its
 * own, in front of the command, and the server's log is watched for it. Only the server it was offered to can be the
 * first to append it.
 */
final class Offers {
    private record Offer(int server, CompletableFuture<Started> answer) {
    }

    /** What a number takes in front of a command. */
    static final int MARK_BYTES = Long.BYTES;
    private static final int LONGEST_SECONDS = 5;

    private final AtomicLong numbers = new AtomicLong();
    private final Map<Long, Offer> pending = new ConcurrentHashMap<>();

    /** Shows a state machine the commands without their numbers. */
    record Unmarked(StateMachine<Long> machine) implements StateMachine<Long> {
        @Override
        public Long apply(long index, long term, DirectBuffer command, int offset, int length) {
            return machine.apply(index, term, command, offset + MARK_BYTES, length - MARK_BYTES);
        }

        @Override
        public long stateHash() {
            return machine.stateHash();
        }

        @Override
        public Optional<View> freeze() {
            return machine.freeze();
        }

        @Override
        public void restore(InputStream state) throws IOException {
            machine.restore(state);
        }
    }

    Started offer(RaftNode<Long> node, int server, byte[] command) {
        final long number = numbers.incrementAndGet();
        final UnsafeBuffer marked = new UnsafeBuffer(new byte[MARK_BYTES + command.length]);
        marked.putLong(0, number);
        marked.putBytes(MARK_BYTES, command);
        final CompletableFuture<Started> answer = new CompletableFuture<>();
        pending.put(number, new Offer(server, answer));
        try {
            if (node.offer(marked, 0, marked.capacity(), new Refusal(answer)) != RaftNode.ACCEPTED) {
                return Started.REFUSED;
            }
            return answer.orTimeout(LONGEST_SECONDS, TimeUnit.SECONDS).join();
        } finally {
            pending.remove(number);
        }
    }

    /** Loop thread of the server. */
    void onAppend(int server, long number, long index, long term) {
        final Offer offer = pending.get(number);
        if (offer != null && offer.server == server) {
            offer.answer.complete(new Started(index, term, true));
        }
    }

    /** Whatever the outcome of a command that was never appended, it was not taken. */
    private record Refusal(CompletableFuture<Started> answer) implements Completion<Long> {
        @Override
        public void onCommitted(long index, Long reply) {
        }

        @Override
        public void onRejected(Outcome.Reason reason, int leaderHint) {
            answer.complete(Started.REFUSED);
        }

        @Override
        public void onIndeterminate(Outcome.Cause cause) {
            answer.complete(Started.REFUSED);
        }
    }
}
