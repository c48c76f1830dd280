package io.balsa.mapreduce.coordinator;

import java.util.function.Consumer;

import io.balsa.mapreduce.wire.Answer;
import io.balsa.mapreduce.wire.Request;
import io.balsa.mapreduce.wire.RequestCodec;
import io.balsa.raft.Completion;
import io.balsa.raft.Outcome;
import io.balsa.raft.RaftNode;
import io.balsa.raft.RaftStatus;
import org.agrona.concurrent.UnsafeBuffer;

/** State on a Raft group: what was answered survives the loss of a minority, and of all processes. */
final class RaftReplica implements Replica {
    private static final Answer ASK_AGAIN = new Answer.NotLeader("");

    private final RaftNode<Answer> node;
    private final JobStateMachine machine;
    private volatile Leadership leadership = new Leadership(false, 0, "");

    RaftReplica(RaftNode<Answer> node, JobStateMachine machine) {
        this.node = node;
        this.machine = machine;
    }

    /** Looks who leads; waits for the node's loop, so it belongs to a thread that may. */
    RaftStatus look() {
        final RaftStatus status = node.status();
        leadership = new Leadership(status.failure().isEmpty() && status.leaderId() == status.nodeId(), status.term(),
            address(status, status.leaderId()));
        return status;
    }

    @Override
    public void propose(Request.Command command, Consumer<Answer> then) {
        final byte[] bytes = RequestCodec.encode(command);
        final int code = node.offer(new UnsafeBuffer(bytes), 0, bytes.length, new Completion<>() {
            @Override
            public void onCommitted(long index, Answer reply) {
                then.accept(reply);
            }

            @Override
            public void onRejected(Outcome.Reason reason, int leaderHint) {
                then.accept(reason == Outcome.Reason.NOT_LEADER
                    ? new Answer.NotLeader(leadership.leads() ? "" : leadership.leader()) : ASK_AGAIN);
            }

            @Override
            public void onIndeterminate(Outcome.Cause cause) {
                then.accept(ASK_AGAIN); // asked again, it is found to be done
            }
        });
        if (code != RaftNode.ACCEPTED) {
            then.accept(code == RaftNode.TOO_LARGE
                ? new Answer.Refused("what was sent is " + bytes.length + " bytes long, too much for the log; "
                    + "let each task have more of the input") : ASK_AGAIN);
        }
    }

    @Override
    public Jobs jobs() {
        return machine.jobs();
    }

    @Override
    public Leadership leadership() {
        return leadership;
    }

    @Override
    public void close() {
        node.close();
    }

    private static String address(RaftStatus status, int id) {
        return status.peers().stream().filter(peer -> peer.nodeId() == id).map(RaftStatus.Peer::advertised)
            .findFirst().orElse("");
    }
}
