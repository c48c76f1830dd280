package io.balsa.kv.cli;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

import io.balsa.kv.KvClient;
import io.balsa.kv.KvNode;
import io.balsa.kv.KvNode.Options;
import picocli.CommandLine.Command;

/**
 * A cluster in this JVM that takes one write and ends: so that the JVM can note which classes a node needs, and later
 * ones start sooner. {@code bin/balsa} runs it once.
 */
@Command(name = "rehearse", hidden = true)
final class RehearseCommand implements Callable<Integer> {
    private static final int NODES = 3;
    private static final int ATTEMPTS = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Override
    public Integer call() throws IOException {
        final Path dir = Files.createTempDirectory("balsa-rehearsal-");
        final List<KvNode> nodes = new ArrayList<>();
        try {
            final Map<Integer, String> members = members();
            for (int id = 0; id < NODES; id++) {
                nodes.add(KvNode.start(Options.of(id, members, 0, dir.resolve("node" + id)).withBootstrap(true)));
            }
            try (KvClient client = KvClient.connect(nodes.stream().map(KvNode::respAddress).toList(), PATIENCE)) {
                client.set(Arguments.key("key"), Arguments.value("value"));
                client.get(Arguments.key("key"));
            }
            return ExitCode.OK;
        } finally {
            nodes.forEach(KvNode::close);
            delete(dir);
        }
    }

    private static Map<Integer, String> members() {
        final Map<Integer, String> members = new TreeMap<>();
        for (int attempt = 0; members.size() < NODES && attempt < ATTEMPTS; attempt++) {
            final int port = freePort(0);
            if (port > 0 && freePort(port + 1) > 0) {
                members.put(members.size(), "127.0.0.1:" + port);
            }
        }
        return members;
    }

    /** The port, or any, if it is free; else 0. */
    private static int freePort(int wanted) {
        try (DatagramSocket socket = new DatagramSocket(wanted, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (SocketException taken) {
            return 0;
        }
    }

    private static void delete(Path tree) throws IOException {
        final List<Path> all;
        try (Stream<Path> files = Files.walk(tree)) {
            all = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (final Path file : all) {
            Files.delete(file);
        }
    }
}
