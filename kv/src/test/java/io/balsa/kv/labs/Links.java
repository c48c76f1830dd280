package io.balsa.kv.labs;

import java.util.random.RandomGenerator;

import io.balsa.raft.testkit.LabNetwork;
import io.balsa.raft.testkit.SimNetwork;
import org.agrona.DirectBuffer;

/** Which servers hear each other, and the labs' rule for what becomes of a frame between them. Any thread. */
final class Links {
    private final boolean[] connected;
    private final LabNetwork rule;
    private boolean delays;

    Links(int servers, RandomGenerator random) {
        connected = new boolean[servers];
        rule = new LabNetwork(servers, random);
    }

    synchronized boolean isConnected(int server) {
        return connected[server];
    }

    synchronized void setConnected(int server, boolean isConnected) {
        connected[server] = isConnected;
    }

    synchronized void setUnreliable(boolean unreliable) {
        rule.setUnreliable(unreliable);
        delays |= unreliable;
    }

    synchronized void setLongReordering(boolean longReordering) {
        rule.setLongReordering(longReordering);
        delays |= longReordering;
    }

    /** How long to keep a frame back, 0 for not at all, or {@link SimNetwork.Rule#LOST}. */
    synchronized long onOffer(int from, int to, DirectBuffer buffer, int offset, int length) {
        final long travelNs = rule.onOffer(from, to, buffer, offset, length);
        if (!connected[from] || !connected[to]) {
            return SimNetwork.Rule.LOST;
        }
        return delays ? travelNs : 0; // the wire has a jitter of its own
    }

    /** Whether a frame that has arrived may be handed over. */
    synchronized boolean onArrival(int from, int to, DirectBuffer buffer, int offset, int length) {
        final boolean passes = connected[from] && connected[to];
        if (passes) {
            final byte[] frame = new byte[length];
            buffer.getBytes(offset, frame);
            rule.onArrival(from, to, frame);
        }
        return passes;
    }

    synchronized long requests() {
        return rule.requests();
    }

    synchronized long bytes() {
        return rule.bytes();
    }

    synchronized long received(int server) {
        return rule.received(server);
    }
}
