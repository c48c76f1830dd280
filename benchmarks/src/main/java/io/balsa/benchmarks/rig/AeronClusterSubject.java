package io.balsa.benchmarks.rig;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

import io.aeron.Publication;
import io.aeron.cluster.client.AeronCluster;
import io.aeron.cluster.client.EgressListener;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.aeron.logbuffer.Header;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Aeron Cluster and its client. In one JVM the client is on the leader's own media driver, commands and replies go by
 * shared memory; beside node processes it has a driver of its own and speaks UDP. The caller polls for its replies, as
 * this client must.
 */
final class AeronClusterSubject implements Subject {
    private static final long KEEP_ALIVE_NS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(30);
    private static final int LONGEST_COMMAND = 1 << 20;

    private final Nodes nodes;
    private final Setting setting;
    private final Layout layout;
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[LONGEST_COMMAND]);
    private MediaDriver driver;
    private AeronCluster client;
    private long nextKeepAliveNs;

    AeronClusterSubject(Nodes nodes, Setting setting, Layout layout) {
        this.nodes = nodes;
        this.setting = setting;
        this.layout = layout;
    }

    @Override
    public void start(Answers answers) throws Exception {
        nodes.start();
        final AeronCluster.Context context = new AeronCluster.Context()
            .messageTimeoutNs(PATIENCE_NS)
            .newLeaderTimeoutNs(PATIENCE_NS)
            .egressListener(new Replies(answers));
        if (layout == Layout.JVM) {
            context.aeronDirectoryName(setting.memory(AeronClusterNode.APPOINTED).toString())
                .ingressChannel("aeron:ipc")
                .egressChannel("aeron:ipc");
        } else {
            driver = MediaDriver.launch(new MediaDriver.Context()
                .aeronDirectoryName(setting.memory().resolve("client").toString())
                .threadingMode(ThreadingMode.SHARED)
                .sharedIdleStrategy(AeronClusterNode.idle())
                .termBufferSparseFile(false)
                .dirDeleteOnStart(true));
            context.aeronDirectoryName(driver.aeronDirectoryName())
                .ingressChannel("aeron:udp")
                .ingressEndpoints(Ports.forAll(id -> id + "=" + AeronClusterNode.ingress(id), ","))
                .egressChannel("aeron:udp?endpoint=127.0.0.1:0");
        }
        client = AeronCluster.connect(context);
    }

    @Override
    public boolean propose(int slot, Command command) {
        message.putLong(0, slot);
        message.putBytes(AeronClusterNode.SLOT_BYTES, command.bytes());
        final long result = client.offer(message, 0, AeronClusterNode.SLOT_BYTES + command.bytes().length);
        if (result == Publication.MAX_POSITION_EXCEEDED || client.isClosed()) {
            throw new IllegalStateException("Aeron Cluster refused a command: " + Publication.errorString(result));
        }
        return result > 0;
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
        return client.pollEgress() + client.pollStateChanges();
    }

    @Override
    public int leader() {
        return client.leaderMemberId();
    }

    @Override
    public long otherCpuNs() {
        return nodes.otherCpuNs();
    }

    @Override
    public void close() throws IOException {
        CloseHelper.closeAll(client, driver);
        nodes.close();
    }

    private record Replies(Answers answers) implements EgressListener {
        @Override
        public void onMessage(long session, long timestamp, DirectBuffer reply, int offset, int length, Header header) {
            answers.done((int) reply.getLong(offset));
        }
    }
}
