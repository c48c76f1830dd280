package io.balsa.kv;

import java.io.IOException;
import java.util.Optional;

import io.balsa.raft.Outcome;
import io.balsa.raft.RaftStatus;

/** Finds who leads, and the way there. For any thread. */
final class Router {
    private final Replica replica;
    private final KvStateMachine machine;
    private final Upstreams upstreams;

    Router(Replica replica, KvStateMachine machine, Upstreams upstreams) {
        this.replica = replica;
        this.machine = machine;
        this.upstreams = upstreams;
    }

    /** The replica in this process, whether it leads or not. */
    Route local() {
        return new LocalRoute(replica, machine);
    }

    /** @param local this connection's way to the replica beside it */
    Optional<Route> toLeader(Route local, long deadlineNs) {
        final RaftStatus status = replica.status();
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
                () -> replica.status().leaderId() == leader, deadlineNs));
        } catch (IOException e) {
            return Optional.empty(); // not there (any more): somebody else will lead soon
        }
    }

    /** Where clients reach the leader, as far as this node knows. */
    Optional<HostPort> leaderAddress() {
        return clientAddress(replica.status());
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
