package io.balsa.kv;

import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

import io.balsa.raft.RaftConfig;
import io.balsa.raft.RaftNode;
import io.balsa.raft.RaftStatus;
import io.balsa.raft.spi.Storage;
import io.balsa.raft.spi.Transport;

/** Nodes of the store in this JVM, as {@link KvNode} assembles them, on storages and transports that a test makes. */
public final class RealStore implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final List<RaftNode<KvReply>> nodes = new ArrayList<>();
    private final List<RespServer> servers = new ArrayList<>();

    /**
     * Starts a node for each configuration.
     *
     * @param storageOf   makes the storage of a node
     * @param transportOf likewise
     */
    public RealStore(List<RaftConfig> configs, IntFunction<? extends Storage> storageOf,
                     IntFunction<? extends Transport> transportOf) {
        for (final RaftConfig config : configs) {
            final ServerSocket clients = RespServer.bind(new HostPort("127.0.0.1", 0));
            final KvStateMachine machine = new KvStateMachine();
            final Storage storage = storageOf.apply(config.nodeId());
            final RaftNode<KvReply> node = RaftNode.start(config.withAdvertise(address(clients.getLocalPort())),
                storage, transportOf.apply(config.nodeId()), machine);
            nodes.add(node);
            servers.add(RespServer.start(clients, Replica.of(node, storage), machine, RespServer.Settings.DEFAULT));
        }
    }

    private static String address(int port) {
        return "127.0.0.1:" + port;
    }

    /** A client that is told of these nodes. */
    public KvClient client(int... of) {
        return KvClient.connect(Arrays.stream(of).mapToObj(id -> address(servers.get(id).port())).toList(), TIMEOUT);
    }

    public RaftStatus status(int id) {
        return nodes.get(id).status();
    }

    @Override
    public void close() {
        servers.forEach(RespServer::close);
        nodes.forEach(RaftNode::close);
    }
}
