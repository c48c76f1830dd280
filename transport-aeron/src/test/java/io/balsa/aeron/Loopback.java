package io.balsa.aeron;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Nodes on free ports of 127.0.0.1, with a directory for everything they write. */
final class Loopback {
    static final long CLUSTER = 0xBA15A;

    private Loopback() {
    }

    /** Node ids from 0, each at a port that was free a moment ago. */
    static Map<Integer, Endpoint> members(int count) {
        final Map<Integer, Endpoint> members = new TreeMap<>();
        final List<DatagramSocket> taken = new ArrayList<>();
        try {
            for (int id = 0; id < count; id++) {
                final DatagramSocket socket =
                    new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                taken.add(socket);
                members.put(id, new Endpoint("127.0.0.1", socket.getLocalPort()));
            }
            return members;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            taken.forEach(DatagramSocket::close);
        }
    }

    static AeronConfig config(int id, Map<Integer, Endpoint> members, Path directory) {
        return AeronConfig.of(CLUSTER, id, members, directory.resolve("data" + id));
    }
}
