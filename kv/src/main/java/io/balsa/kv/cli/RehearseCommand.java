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

    /** Each needs two ports, one after the other. All are held until the last is found, or one could be found twice. */
    private static Map<Integer, String> members() throws IOException {
        final Map<Integer, String> members = new TreeMap<>();
        final List<DatagramSocket> held = new ArrayList<>();
        try {
            for (int attempt = 0; members.size() < NODES; attempt++) {
                final DatagramSocket first = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                held.add(first);
                try {
                    held.add(new DatagramSocket(first.getLocalPort() + 1, InetAddress.getLoopbackAddress()));
                    members.put(members.size(), "127.0.0.1:" + first.getLocalPort());
                } catch (SocketException | IllegalArgumentException taken) { // or there is no higher one
                    if (attempt == ATTEMPTS) {
                        throw new IOException("no two UDP ports in a row are free: " + taken.getMessage(), taken);
                    }
                }
            }
        } finally {
            held.forEach(DatagramSocket::close);
        }
        return members;
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
