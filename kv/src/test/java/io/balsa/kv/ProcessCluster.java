package io.balsa.kv;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Real node processes from the packaged jar, on free ports of this host; what they say goes to a file each. */
final class ProcessCluster implements AutoCloseable {
    private static final Pattern TERM = Pattern.compile("\"term\":(\\d+)");
    private static final int RAFT_PORT_STEP = 2;

    /** A node that says it leads, and the term it says so for. */
    record Leader(int node, long term) {
    }

    private final Path dir;
    private final int respPort;
    private final int raftPort;
    private final Path jar;
    private int heapMiB = 256;
    private final Process[] processes;
    private final List<String> options;
    private final Map<Integer, Path> elsewhere = new HashMap<>();

    /** @param options for every node beside those it needs */
    ProcessCluster(int nodes, Path dir, String... options) throws IOException {
        this.dir = dir;
        this.options = List.of(options);
        this.processes = new Process[nodes];
        this.jar = packagedJar();
        final int firstPort = freePorts(nodes * (RAFT_PORT_STEP + 1));
        this.respPort = firstPort;
        this.raftPort = firstPort + nodes;
    }

    int size() {
        return processes.length;
    }

    int respPort(int node) {
        return respPort + node;
    }

    List<String> respAddresses() {
        return IntStream.range(0, size()).mapToObj(i -> "127.0.0.1:" + respPort(i)).toList();
    }

    Path nodeDir(int node) {
        return elsewhere.getOrDefault(node, dir.resolve(Integer.toString(node)));
    }

    /** What each node that starts from now on may have of memory. */
    ProcessCluster withHeap(int mebibytes) {
        heapMiB = mebibytes;
        return this;
    }

    /** Gives a node a directory of its own, on another disk perhaps. */
    void place(int node, Path nodeDir) {
        elsewhere.put(node, nodeDir);
    }

    SortedMap<Integer, String> raftAddresses() {
        final SortedMap<Integer, String> addresses = new TreeMap<>();
        IntStream.range(0, size()).forEach(i -> addresses.put(i, "127.0.0.1:" + (raftPort + RAFT_PORT_STEP * i)));
        return addresses;
    }

    void startAll() throws IOException {
        for (int node = 0; node < size(); node++) {
            start(node);
        }
    }

    /** Starts a node that does not run; with an empty directory it is made a voter. */
    void start(int node, String... more) throws IOException {
        final Path nodeDir = nodeDir(node);
        final List<String> command = new ArrayList<>(List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx" + heapMiB + "m",
            "-jar", jar.toString(), "node",
            "--id", Integer.toString(node),
            "--members", raftAddresses().entrySet().stream()
                .map(member -> member.getKey() + "=" + member.getValue()).collect(Collectors.joining(",")),
            "--resp-port", Integer.toString(respPort(node)),
            "--dir", nodeDir.toString(),
            "--stop-with-parent"));
        command.addAll(options);
        command.addAll(List.of(more));
        if (!Files.exists(nodeDir)) {
            command.add("--bootstrap");
        }
        processes[node] = new ProcessBuilder(command).redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(messages(node).toFile())).start();
    }

    /** {@code kill -9}: no hook runs, nothing is flushed. Returns when the process is gone. */
    void kill(int node) throws InterruptedException {
        processes[node].destroyForcibly().waitFor();
    }

    /** Waits until a node has ended by itself. @return its exit status */
    int awaitExit(int node) throws InterruptedException {
        return processes[node].waitFor();
    }

    /** Asks every node; of several that say they lead, the one with the highest term is right. */
    Optional<Leader> leader() {
        Optional<Leader> found = Optional.empty();
        for (int node = 0; node < size(); node++) {
            final Optional<String> status = status(node);
            if (status.isPresent() && status.get().contains("\"role\":\"leader\"")) {
                final Matcher term = TERM.matcher(status.get());
                if (term.find()) {
                    final Leader leader = new Leader(node, Long.parseLong(term.group(1)));
                    found = found.filter(other -> other.term > leader.term).or(() -> Optional.of(leader));
                }
            }
        }
        return found;
    }

    Leader awaitLeader(Duration timeout) throws IOException {
        final long deadlineNs = System.nanoTime() + timeout.toNanos();
        while (System.nanoTime() - deadlineNs < 0) {
            final Optional<Leader> leader = leader();
            if (leader.isPresent()) {
                return leader.get();
            }
            LockSupport.parkNanos(10_000_000);
        }
        throw new AssertionError("no leader within " + timeout + "; the nodes said:\n" + allMessages());
    }

    /**
     * Waits until a node has applied all that the leader had committed when this was called: until then the group would
     * not survive another death.
     */
    void awaitCaughtUp(int node, Duration timeout) throws IOException {
        final long goal = awaitNumber(awaitLeader(timeout).node(), "commitIndex", 1, timeout);
        awaitNumber(node, "appliedIndex", goal, timeout);
    }

    /** Waits until a number in a node's status is as large. @return what it is then */
    long awaitNumber(int node, String field, long atLeast, Duration timeout) throws IOException {
        final Pattern pattern = Pattern.compile("\"" + field + "\":(\\d+)");
        final long deadlineNs = System.nanoTime() + timeout.toNanos();
        while (System.nanoTime() - deadlineNs < 0) {
            final Matcher number = pattern.matcher(status(node).orElse(""));
            if (number.find() && Long.parseLong(number.group(1)) >= atLeast) {
                return Long.parseLong(number.group(1));
            }
            LockSupport.parkNanos(10_000_000);
        }
        throw new AssertionError("node " + node + " did not come to " + field + " " + atLeast + " within " + timeout
            + "; the nodes said:\n" + allMessages());
    }

    /** Waits until a node's status contains a text. */
    void awaitText(int node, String text, Duration timeout) throws IOException {
        final long deadlineNs = System.nanoTime() + timeout.toNanos();
        while (!status(node).orElse("").contains(text)) {
            if (System.nanoTime() - deadlineNs >= 0) {
                throw new AssertionError("node " + node + " did not say " + text + " within " + timeout
                    + "; the nodes said:\n" + allMessages());
            }
            LockSupport.parkNanos(10_000_000);
        }
    }

    /** What a node says of itself, in JSON; empty when it cannot be asked. */
    Optional<String> status(int node) {
        try (RespSocket socket = new RespSocket(respPort(node))) {
            return Optional.of(socket.ask("BALSA.STATUS")).map(Object::toString);
        } catch (final IOException e) {
            return Optional.empty();
        }
    }

    /** All that the nodes wrote, for a failed assertion. */
    String allMessages() throws IOException {
        final StringBuilder all = new StringBuilder();
        for (int node = 0; node < size(); node++) {
            all.append("--- node ").append(node).append('\n').append(Files.readString(messages(node)));
        }
        return all.toString();
    }

    @Override
    public void close() {
        Stream.of(processes).filter(process -> process != null).forEach(Process::destroyForcibly);
    }

    private Path messages(int node) {
        return dir.resolve("node-" + node + ".txt");
    }

    private static Path packagedJar() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("target"))) {
            return files.filter(file -> file.getFileName().toString().matches("kv-.*-all\\.jar")).findFirst()
                .orElseThrow(() -> new IllegalStateException("no target/kv-*-all.jar: run 'mvn -pl kv -am verify'"))
                .toAbsolutePath();
        }
    }

    /** The first of {@code count} neighbouring ports that nobody uses, below those the system hands out by itself. */
    private static int freePorts(int count) {
        for (int attempt = 0; attempt < 100; attempt++) {
            final int first = ThreadLocalRandom.current().nextInt(15_000, 30_000);
            if (IntStream.range(first, first + count).allMatch(ProcessCluster::isFree)) {
                return first;
            }
        }
        throw new IllegalStateException("no " + count + " neighbouring free ports in 100 attempts");
    }

    private static boolean isFree(int port) {
        final InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        try (ServerSocket tcp = new ServerSocket(); DatagramSocket udp = new DatagramSocket(address)) {
            tcp.bind(address);
            return udp.isBound();
        } catch (final IOException e) {
            return false;
        }
    }
}
