package io.balsa.benchmarks.rig;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.aeron.Publication;
import io.aeron.cluster.client.AeronCluster;
import io.aeron.cluster.client.EgressListener;
import io.aeron.logbuffer.Header;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Aeron Cluster, the caller on the leader's own media driver: commands and replies go by shared memory. The caller
 * polls for its replies, as this client must.
 */
final class AeronClusterInJvm implements Subject {
    private static final int LEADER = 0;
    private static final long KEEP_ALIVE_NS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Path dir;
    private final int syncLevel;
    private final List<AeronClusterNode> nodes = new ArrayList<>();
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[1 << 20]);
    private AeronCluster client;
    private long nextKeepAliveNs;

    AeronClusterInJvm(Path dir, int syncLevel) {
        this.dir = dir;
        this.syncLevel = syncLevel;
    }

    @Override
    public void start(Answers answers) {
        for (int id = 0; id < NODES; id++) {
            nodes.add(new AeronClusterNode(id, dir.resolve("node" + id), syncLevel, LEADER));
        }
        client = AeronCluster.connect(new AeronCluster.Context()
            .aeronDirectoryName(nodes.get(LEADER).aeronDirectory())
            .ingressChannel("aeron:ipc")
            .egressChannel("aeron:ipc")
            .messageTimeoutNs(TimeUnit.SECONDS.toNanos(30))
            .egressListener(new Replies(answers)));
    }

    @Override
    public boolean propose(int slot, Command command) {
        message.putLong(0, slot);
        message.putBytes(AeronClusterNode.SLOT_BYTES, command.bytes());
        final long result = client.offer(message, 0, AeronClusterNode.SLOT_BYTES + command.bytes().length);
        if (result > 0) {
            return true;
        }
        if (result == Publication.BACK_PRESSURED || result == Publication.ADMIN_ACTION) {
            return false;
        }
        throw new IllegalStateException("Aeron Cluster refused a command: " + Publication.errorString(result));
    }

    @Override
    public boolean isPolled() {
        return true;
    }

    @Override
    public int poll() {
        final long now = System.nanoTime();
        if (now - nextKeepAliveNs > 0) {
            nextKeepAliveNs = now + KEEP_ALIVE_NS;
            client.sendKeepAlive();
        }
        return client.pollEgress();
    }

    @Override
    public void close() {
        CloseHelper.close(client);
        nodes.forEach(AeronClusterNode::close);
    }

    private record Replies(Answers answers) implements EgressListener {
        @Override
        public void onMessage(long session, long timestamp, DirectBuffer reply, int offset, int length, Header header) {
            answers.done((int) reply.getLong(offset));
        }
    }
}
