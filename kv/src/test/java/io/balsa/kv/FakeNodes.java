package io.balsa.kv;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Servers on real ports around one {@link FakeCluster}; each knows where clients reach the others. */
final class FakeNodes implements AutoCloseable {
    final FakeCluster cluster;
    final List<RespServer> servers = new ArrayList<>();

    FakeNodes(int members, Duration requestDeadline) {
        this(members, requestDeadline, Sessions.Bounds.DEFAULT);
    }

    FakeNodes(int members, Duration requestDeadline, Sessions.Bounds bounds) {
        cluster = new FakeCluster(members, bounds);
        for (int i = 0; i < members; i++) {
            final RespServer server = RespServer.start(RespServer.bind(new HostPort("127.0.0.1", 0)),
                cluster.member(i), cluster.machines.get(i), new RespServer.Settings(requestDeadline, 64, 64 << 20));
            servers.add(server);
            cluster.advertise(i, address(i));
        }
    }

    String address(int member) {
        return "127.0.0.1:" + servers.get(member).port();
    }

    List<String> addresses() {
        final List<String> all = new ArrayList<>();
        for (int i = 0; i < servers.size(); i++) {
            all.add(address(i));
        }
        return all;
    }

    RespSocket client(int member) throws IOException {
        return new RespSocket(servers.get(member).port());
    }

    @Override
    public void close() {
        servers.forEach(RespServer::close);
        cluster.close();
    }
}
