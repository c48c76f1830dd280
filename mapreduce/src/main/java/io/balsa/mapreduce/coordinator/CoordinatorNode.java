package io.balsa.mapreduce.coordinator;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

import io.balsa.aeron.Endpoint;
import io.balsa.aeron.RequestLink;
import io.balsa.mapreduce.wire.Answer;
import io.balsa.raft.RaftNode;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.StateMachine;

/**
 * One coordinator of a standing service: a member of a Raft group with its log on disk, and a link on which workers and
 * clients ask. One member serves alone and resumes after a restart; of three, any one may be lost.
 */
public final class CoordinatorNode implements AutoCloseable {
    /**
     * How a coordinator is set up.
     *
     * @param id           this one, one of {@code members}
     * @param members      all of them, and where they reach each other, {@code host:port} of UDP; each uses the next
     *                     port as well
     * @param link         where workers and clients ask this one, {@code host:port} of UDP
     * @param dir          its own directory
     * @param bootstrap    an empty directory is that of a founding member: right only when all of them start for the
     *                     first time
     * @param endsWithJobs once there was a job and all have ended, workers are told to end
     * @param lease        how long a worker is believed to be alive without a word
     */
    public record Options(int id, SortedMap<Integer, String> members, String link, Path dir, boolean bootstrap,
                          boolean endsWithJobs, Duration lease) {
        /** @throws IllegalArgumentException one line that says what is wrong */
        public Options {
            members = Collections.unmodifiableSortedMap(new TreeMap<>(members));
            if (!members.containsKey(id)) {
                throw new IllegalArgumentException("id " + id + " is not among the members " + members.keySet());
            }
            members.values().forEach(Endpoint::parse);
            Endpoint.parse(link);
            if (lease.toMillis() < 100) {
                throw new IllegalArgumentException("lease: at least 100 ms, not " + lease);
            }
        }
    }

    private final RaftNode<?> raft;
    private final Coordinator coordinator;
    private final RequestLink link;

    private CoordinatorNode(RaftNode<?> raft, Coordinator coordinator, RequestLink link) {
        this.raft = raft;
        this.coordinator = coordinator;
        this.link = link;
    }

    /**
     * Starts a coordinator; it serves as soon as its group has a leader.
     *
     * @throws RaftException when it cannot start: one line that says what to do
     */
    public static CoordinatorNode start(Options options) {
        return start(options, machine -> machine);
    }

    /** @param around the machine that the log is applied to, which passes all on to the one it is given */
    static CoordinatorNode start(Options options, UnaryOperator<StateMachine<Answer>> around) {
        final JobStateMachine machine = new JobStateMachine();
        final RaftNode<Answer> raft = CoordinatorParts.startRaft(options, around.apply(machine));
        final RaftReplica replica = new RaftReplica(raft, machine, options.members().size() == 1);
        final Coordinator coordinator =
            new Coordinator(replica, options.endsWithJobs(), options.lease(), replica::look);
        try {
            final Endpoint endpoint = Endpoint.parse(options.link());
            final RequestLink link = coordinator.serve(endpoint.host(), endpoint.port());
            coordinator.start();
            return new CoordinatorNode(raft, coordinator, link);
        } catch (RuntimeException | Error e) {
            raft.close();
            throw e;
        }
    }

    /** Where workers and clients ask this one. */
    public String address() {
        return link.address().toString();
    }

    /** Whether there was a job, all have ended as far as this one knows, and nobody asks it about them any more. */
    public boolean isOver() {
        return coordinator.isOver();
    }

    /** Why this coordinator has stopped, one line; empty while it serves. */
    public Optional<String> failure() {
        return link.failure().or(coordinator::failure).or(() -> raft.status().failure());
    }

    @Override
    public void close() {
        link.close();
        coordinator.close();
    }
}
