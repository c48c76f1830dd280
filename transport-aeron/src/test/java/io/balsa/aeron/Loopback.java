package io.balsa.aeron;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
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

    /** Node ids from 0, each at a port that was free a moment ago, as was the next. */
    static Map<Integer, Endpoint> members(int count) {
        final Map<Integer, Endpoint> members = new TreeMap<>();
        final List<DatagramSocket> taken = new ArrayList<>();
        try {
            while (members.size() < count) {
                final DatagramSocket socket = socket(0);
                taken.add(socket);
                try {
                    taken.add(socket(socket.getLocalPort() + 1));
                    members.put(members.size(), new Endpoint("127.0.0.1", socket.getLocalPort()));
                } catch (BindException e) {
                    // somebody has the next port: this one stays taken, so that it is not drawn again
                }
            }
            return members;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            taken.forEach(DatagramSocket::close);
        }
    }

    private static DatagramSocket socket(int port) throws IOException {
        return new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    static AeronConfig config(int id, Map<Integer, Endpoint> members, Path directory) {
        return AeronConfig.of(CLUSTER, id, members, directory.resolve("data" + id));
    }
}
