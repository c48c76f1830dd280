package io.balsa.kv;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.balsa.kv.Attempt.Result;
import io.balsa.raft.Outcome;
import io.balsa.raft.RaftNode;
import io.balsa.raft.ReadOutcome;

/** To the replica in this process. */
final class LocalRoute implements Route {
    private final Replica replica;
    private final KvStateMachine machine;
    private final CommandEncoder encoder = new CommandEncoder();
    /** One question serves all reads of a round: it is asked after all of them arrived. */
    private CompletableFuture<ReadOutcome> readable;

    LocalRoute(Replica replica, KvStateMachine machine) {
        this.replica = replica;
        this.machine = machine;
    }

    @Override
    public Attempt submit(long client, long sequence, long acknowledged, Command command) {
        return offer(encoder.execute(client, sequence, acknowledged, command));
    }

    @Override
    public Attempt submit(Call call) {
        return switch (call) {
            case Call.OpenSession open -> offer(encoder.open());
            case Call.CloseSession close -> offer(encoder.close(close.client()));
            case Call.Look look -> look(look);
            case Call.Update update -> throw new IllegalArgumentException("an update needs a session");
        };
    }

    @Override
    public void flush() {
        // offered is sent
    }

    @Override
    public void close() {
        readable = null;
    }

    private Attempt offer(int length) {
        final LocalWrite write = new LocalWrite();
        final int taken = replica.offer(encoder.buffer(), 0, length, write);
        switch (taken) {
            case RaftNode.ACCEPTED -> {
                // the completion tells the rest
            }
            case RaftNode.OVERLOADED -> write.onRejected(Outcome.Reason.OVERLOADED, Outcome.Rejected.NO_LEADER);
            case RaftNode.TOO_LARGE -> write.onRejected(Outcome.Reason.TOO_LARGE, Outcome.Rejected.NO_LEADER);
            case RaftNode.STOPPED -> write.onRejected(Outcome.Reason.STOPPED, Outcome.Rejected.NO_LEADER);
            default -> throw new IllegalStateException("offer returned " + taken);
        }
        return write;
    }

    private Attempt look(Call.Look look) {
        if (readable == null) {
            readable = replica.readableAsync();
        }
        return new LocalLook(readable, look, machine);
    }

    /** Evaluated only when awaited: by then this connection's earlier writes are applied here. */
    private record LocalLook(CompletableFuture<ReadOutcome> readable, Call.Look look, KvStateMachine machine)
        implements Attempt {
        @Override
        public boolean isRefused() {
            return false; // a read that is refused holds nothing up
        }

        @Override
        public Result await(long deadlineNs) {
            try {
                final long left = Math.max(0, deadlineNs - System.nanoTime());
                return switch (readable.get(left, TimeUnit.NANOSECONDS)) {
                    case ReadOutcome.Readable yes -> new Result.Answered(look.at(machine.view()));
                    case ReadOutcome.NotReadable no -> Result.Refused.because(no.reason());
                    case ReadOutcome.TimedOut late -> new Result.Lost("no majority confirmed the leader in time");
                };
            } catch (TimeoutException e) {
                return new Result.Lost("no majority confirmed the leader in time");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new Result.Lost("this node is closing");
            } catch (ExecutionException e) {
                throw new IllegalStateException("a read never completes exceptionally", e);
            }
        }
    }
}
