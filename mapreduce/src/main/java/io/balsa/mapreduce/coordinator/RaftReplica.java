package io.balsa.mapreduce.coordinator;

import java.util.function.Consumer;

import io.balsa.mapreduce.wire.Answer;
import io.balsa.mapreduce.wire.Request;
import io.balsa.mapreduce.wire.RequestCodec;
import io.balsa.raft.Completion;
import io.balsa.raft.Outcome;
import io.balsa.raft.RaftNode;
import io.balsa.raft.RaftStatus;
import io.balsa.raft.ReadCompletion;
import org.agrona.concurrent.UnsafeBuffer;

/** State on a Raft group: what was answered survives the loss of a minority, and of all processes. */
final class RaftReplica implements Replica {
    private static final Answer ASK_AGAIN = new Answer.NotLeader("");

    private final RaftNode<Answer> node;
    private final JobStateMachine machine;
    private final boolean alone;
    private volatile Leadership leadership = new Leadership(false, 0, "");
    /** The last term of its own in which this replica has applied all that was committed before. */
    private volatile long caughtUpIn;
    private volatile long askedIn;

    /** @param alone whether the node is the only member of its group */
    RaftReplica(RaftNode<Answer> node, JobStateMachine machine, boolean alone) {
        this.node = node;
        this.machine = machine;
        this.alone = alone;
    }

    /**
     * Looks who leads; waits for the node's loop, so it belongs to one thread that may. This replica leads when it has
     * the state that goes with it: one that was elected a moment ago, above all after a restart, knows of jobs that
     * others were told of only when it has applied what they committed (thesis, section 6.4).
     */
    RaftStatus look() {
        final RaftStatus status = node.status();
        final boolean leads = status.failure().isEmpty() && status.leaderId() == status.nodeId();
        if (leads && caughtUpIn != status.term() && askedIn != status.term()) {
            catchUp(status.term());
        }
        leadership = new Leadership(leads && caughtUpIn == status.term(), status.term(),
            address(status, status.leaderId()));
        return status;
    }

    private void catchUp(long term) {
        askedIn = term;
        final int code = node.offerRead(new ReadCompletion() {
            @Override
            public void onReadable(long readIndex) {
                caughtUpIn = term;
            }

            @Override
            public void onNotReadable(Outcome.Reason reason, int leaderHint) {
                askedIn = 0; // to be asked again, if this one still leads
            }
        });
        if (code != RaftNode.ACCEPTED) {
            askedIn = 0;
        }
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
    public boolean isAlone() {
        return alone;
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
