package io.balsa.raft.testkit;

import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;

import io.balsa.raft.Completion;
import io.balsa.raft.Outcome;
import io.balsa.raft.RaftNode;
import io.balsa.raft.ReadCompletion;
import io.balsa.raft.testkit.checks.ClientOutcomes;
import io.balsa.raft.testkit.checks.ReadSafety;
import io.balsa.raft.testkit.checks.StateMachineSafety;
import io.balsa.raft.testkit.checks.Violation;
import org.agrona.concurrent.UnsafeBuffer;

/** Clients on every node: they propose and read, mostly at the leader, and hold every node to what it answers. */
final class SimClients<R> {
    /** Big commands are fun, but a run shall not be about copying. */
    private static final long BYTES_PER_RUN = 2 << 20;

    private final SimCluster<R> cluster;
    private final SimWorld<R> world;
    private final Commands commands;
    private final RandomGenerator random;
    private final StateMachineSafety applied;
    private final ClientOutcomes outcomes;
    private final ReadSafety reads;
    private boolean stopped;
    private long number;
    private long bytes;
    private long rejected;
    private long readable;
    private long readsRefused;

    SimClients(SimCluster<R> cluster, Commands commands, RandomGenerator random) {
        this.cluster = cluster;
        this.world = cluster.world();
        this.commands = commands;
        this.random = random;
        this.applied = world.applied();
        this.outcomes = new ClientOutcomes(world.committed());
        this.reads = new ReadSafety(world.committed());
    }

    /** Offers and reads, in bursts, until {@link #stop()}. */
    void start() {
        final long mean = cluster.plan().meanOfferNs();
        world.schedule().after(random.nextLong(2 * mean + 1), () -> {
            if (!stopped) {
                final SimNode<R> node = cluster.draw(random, 0.7);
                final int operations = 1 + random.nextInt(cluster.plan().burst());
                for (int i = 0; i < operations; i++) {
                    if (random.nextDouble() < cluster.plan().readShare()) {
                        read(node);
                    } else {
                        propose(node);
                    }
                }
                readWhereSeveralLead();
                start();
            }
        });
    }

    /** Two who both think they lead are rare, short, and where stale reads come from: ask all there are. */
    private void readWhereSeveralLead() {
        final List<SimNode<R>> leaders = world.nodes().stream().filter(SimNode::leads).toList();
        if (leaders.size() > 1) {
            leaders.forEach(this::read);
        }
    }

    void stop() {
        stopped = true;
    }

    /** One command at this node, if it runs. */
    void propose(SimNode<R> node) {
        final SimProcess<R> process = node.process().filter(SimProcess::isAwake).orElse(null);
        if (process == null) {
            return;
        }
        final int maxLength = bytes < BYTES_PER_RUN ? cluster.plan().maxCommandBytes() : 64;
        final boolean tooLarge = random.nextInt(200) == 0;
        number++;
        final byte[] command = tooLarge ? new byte[cluster.plan().maxCommandBytes() + 1]
            : commands.next(random, number, maxLength);
        bytes += tooLarge ? 0 : command.length;
        final int margin = random.nextInt(9);
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[margin + command.length]);
        buffer.putBytes(margin, command);
        final Proposal proposal = new Proposal(node, process, Mix.bytes(buffer, margin, command.length), number);
        outcomes.onOffered(proposal.content);
        final int answer = process.agent().offer(buffer, margin, command.length, proposal);
        // the bytes belong to the caller again
        buffer.setMemory(0, buffer.capacity(), (byte) 0x5A);
        if (answer == RaftNode.ACCEPTED) {
            process.onAccepted();
        } else {
            proposal.answer();
            rejected++;
            outcomes.onRejected(node.id(), proposal.content, "not accepted");
        }
        if ((tooLarge && answer == RaftNode.ACCEPTED) || (!tooLarge && answer == RaftNode.TOO_LARGE)) {
            throw new Violation("n" + node.id() + " answers " + answer + " to a command of " + command.length
                + " bytes");
        }
    }

    private void read(SimNode<R> node) {
        final SimProcess<R> process = node.process().filter(SimProcess::isAwake).orElse(null);
        if (process == null) {
            return;
        }
        final Read read = new Read(node, process, reads.onAsked());
        if (process.agent().offerRead(read) == RaftNode.ACCEPTED) {
            process.onAccepted();
        } else {
            read.answer();
            readsRefused++;
        }
    }

    /** Every acknowledged command is still where it was acknowledged, on every node. */
    void requireAllKept(SimNode<R> node, LogImage log) {
        outcomes.requireAllKept(node.id(), log);
    }

    void onFirstApplied(int node, long content) {
        outcomes.onFirstApplied(node, content);
    }

    long acknowledged() {
        return outcomes.acknowledged();
    }

    long rejected() {
        return rejected;
    }

    /** Never answered, or answered that it is not known. */
    long indeterminate() {
        return number - rejected - acknowledged();
    }

    long readable() {
        return readable;
    }

    long readsRefused() {
        return readsRefused;
    }

    /** Something that is answered exactly once, by the process it was asked. */
    private abstract class Operation {
        final SimNode<R> node;
        final SimProcess<R> process;
        private boolean answered;

        Operation(SimNode<R> node, SimProcess<R> process) {
            this.node = node;
            this.process = process;
        }

        final void answer() {
            if (answered) {
                throw new Violation("n" + node.id() + " answers an operation twice");
            }
            answered = true;
        }

        /** As {@link #answer}, for what was accepted before. */
        final void answerLater(String what, Object detail) {
            answer();
            process.onAnswered();
            world.note(node.id(), what, detail);
        }
    }

    private final class Proposal extends Operation implements Completion<R> {
        private final long content;
        private final long order;

        Proposal(SimNode<R> node, SimProcess<R> process, long content, long order) {
            super(node, process);
            this.content = content;
            this.order = order;
        }

        @Override
        public void onCommitted(long index, R reply) {
            answerLater("committed ", index);
            process.requireInOrder(order);
            world.onCommitted(node, index);
            outcomes.onAcknowledged(node.id(), content, index);
            if (process.lastApplied() < index || !Objects.equals(applied.replyAt(index), reply)) {
                throw new Violation("n" + node.id() + " acknowledges index " + index + " with " + reply
                    + ", it has applied " + process.lastApplied() + " and the reply there is "
                    + applied.replyAt(index));
            }
        }

        @Override
        public void onRejected(Outcome.Reason reason, int leaderHint) {
            answerLater("rejected ", reason);
            rejected++;
            outcomes.onRejected(node.id(), content, reason.name());
        }

        @Override
        public void onIndeterminate(Outcome.Cause cause) {
            answerLater("indeterminate ", cause);
        }
    }

    private final class Read extends Operation implements ReadCompletion {
        private final long floor;

        Read(SimNode<R> node, SimProcess<R> process, long floor) {
            super(node, process);
            this.floor = floor;
        }

        @Override
        public void onReadable(long readIndex) {
            answerLater("readable ", readIndex);
            world.onCommitted(node, readIndex);
            reads.onReadable(node.id(), readIndex, floor, process.lastApplied(), process.log());
            readable++;
        }

        @Override
        public void onNotReadable(Outcome.Reason reason, int leaderHint) {
            answerLater("not readable ", reason);
            readsRefused++;
        }
    }
}
