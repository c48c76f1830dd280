package io.balsa.kv;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import io.balsa.raft.Outcome;
import io.balsa.raft.RaftStatus;

/** Finds who leads, and the way there. For any thread. */
final class Router {
    /** Asking for the status costs a turn of the loop; in between, a leader that is none any more says so. */
    private static final long STATUS_AGE_NS = TimeUnit.MILLISECONDS.toNanos(20);
    /** A machine that is gone refuses no connection: somebody else may lead while it is waited for. */
    private static final long CONNECT_NS = TimeUnit.MILLISECONDS.toNanos(500);

    private record Seen(RaftStatus status, long atNs) {
    }

    private final Replica replica;
    private final KvStateMachine machine;
    private final Upstreams upstreams;
    private volatile Seen seen;

    Router(Replica replica, KvStateMachine machine, Upstreams upstreams) {
        this.replica = replica;
        this.machine = machine;
        this.upstreams = upstreams;
    }

    /** The replica in this process, whether it leads or not. */
    Route local() {
        return new LocalRoute(replica, machine);
    }

    /**
     * The way to the leader, if one is known and can be reached.
     *
     * @param local this connection's way to the replica beside it
     * @param anew  the last way led nowhere: look again
     */
    Optional<Route> toLeader(Route local, boolean anew, long deadlineNs) {
        final RaftStatus status = anew ? status(0) : believed();
        // A node that stopped by itself says so, rather than be passed by: its operator must notice.
        if (status.leaderId() == status.nodeId() || status.failure().isPresent()) {
            return Optional.of(local);
        }
        final Optional<HostPort> address = clientAddress(status);
        if (address.isEmpty()) {
            return Optional.empty();
        }
        final int leader = status.leaderId();
        try {
            return Optional.of(new RemoteRoute(upstreams, address.get(),
                () -> status(STATUS_AGE_NS).leaderId() == leader,
                Math.min(deadlineNs, System.nanoTime() + CONNECT_NS)));
        } catch (IOException e) {
            return Optional.empty(); // not there (any more): somebody else will lead soon
        }
    }

    /** Where clients reach the leader, as far as this node knows. */
    Optional<HostPort> leaderAddress() {
        return clientAddress(status(0));
    }

    /** While this node is believed to lead, without a look at it: it refuses at once, where others may be silent. */
    private RaftStatus believed() {
        final Seen last = seen;
        return last != null && last.status.leaderId() == last.status.nodeId() ? last.status : status(STATUS_AGE_NS);
    }

    private RaftStatus status(long maxAgeNs) {
        final long nowNs = System.nanoTime();
        final Seen last = seen;
        if (last != null && nowNs - last.atNs < maxAgeNs) {
            return last.status;
        }
        final RaftStatus status = replica.status();
        seen = new Seen(status, nowNs);
        return status;
    }

    private static Optional<HostPort> clientAddress(RaftStatus status) {
        if (status.leaderId() == Outcome.Rejected.NO_LEADER) {
            return Optional.empty();
        }
        return status.peers().stream()
            .filter(peer -> peer.nodeId() == status.leaderId() && !peer.advertised().isEmpty())
            .findFirst()
            .map(peer -> HostPort.parse(peer.advertised()));
    }
}
