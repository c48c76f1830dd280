package io.balsa.benchmarks.rig;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.client.RaftClientConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.netty.NettyConfigKeys;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.rpc.SupportedRpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/** A node of Apache Ratis: Netty in one JVM, gRPC between processes, as is better in each; linearizable reads. */
final class RatisNode implements Closeable {
    private static final int LOG_SEGMENT_BYTES = 64 << 20;

    private final RaftServer server;

    RatisNode(int id, Setting setting, Layout layout) throws IOException {
        final RaftProperties properties = properties(layout);
        GrpcConfigKeys.Server.setPort(properties, Ports.of(id, 0));
        NettyConfigKeys.Server.setPort(properties, Ports.of(id, 0));
        RaftServerConfigKeys.setStorageDir(properties, List.of(setting.home(id).toFile()));
        RaftServerConfigKeys.Log.setUnsafeFlushEnabled(properties, !setting.forced());
        RaftServerConfigKeys.Log.setSegmentSizeMax(properties,
            SizeInBytes.valueOf(LOG_SEGMENT_BYTES));
        RaftServerConfigKeys.Read.setOption(properties, RaftServerConfigKeys.Read.Option.LINEARIZABLE);
        if (setting.shortTimeouts()) {
            RaftServerConfigKeys.Rpc.setTimeoutMin(properties, TimeDuration.valueOf(150, TimeUnit.MILLISECONDS));
            RaftServerConfigKeys.Rpc.setTimeoutMax(properties, TimeDuration.valueOf(300, TimeUnit.MILLISECONDS));
        }
        server = RaftServer.newBuilder().setServerId(peer(id).getId()).setGroup(group()).setProperties(properties)
            .setOption(RaftStorage.StartupOption.RECOVER)
            .setStateMachine(new Replica()).build();
        server.start();
    }

    /** What servers and client share. */
    static RaftProperties properties(Layout layout) {
        final RaftProperties properties = new RaftProperties();
        RaftConfigKeys.Rpc.setType(properties,
            layout == Layout.JVM ? SupportedRpcType.NETTY : SupportedRpcType.GRPC);
        RaftClientConfigKeys.Async.setOutstandingRequestsMax(properties, 2 * Caller.MOST_OUTSTANDING);
        return properties;
    }

    static RaftGroup group() {
        final List<RaftPeer> peers = new ArrayList<>();
        for (int id = 0; id < Subject.NODES; id++) {
            peers.add(peer(id));
        }
        return RaftGroup.valueOf(RaftGroupId.valueOf(UUID.nameUUIDFromBytes(new byte[1])), peers);
    }

    private static RaftPeer peer(int id) {
        return RaftPeer.newBuilder().setId("n" + id).setAddress(Ports.address(id, 0)).build();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    private static final class Replica extends BaseStateMachine {
        private final SmallMap map = new SmallMap();

        @Override
        public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
            final var entry = transaction.getLogEntry();
            updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
            return CompletableFuture.completedFuture(reply(map.put(
                entry.getStateMachineLogEntry().getLogData().asReadOnlyByteBuffer())));
        }

        @Override
        public CompletableFuture<Message> query(Message request) {
            return CompletableFuture.completedFuture(reply(0));
        }

        private static Message reply(long count) {
            return Message.valueOf(UnsafeByteOperations.unsafeWrap(
                ByteBuffer.allocate(Long.BYTES).putLong(0, count)));
        }
    }
}
