package io.balsa.kv.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.balsa.kv.KvNode;
import io.balsa.kv.KvNode.Options;
import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.RaftException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** One node of a cluster, until SIGTERM. */
@Command(name = "node", description = "Runs one node of a cluster, until SIGTERM or Ctrl-C.")
final class NodeCommand implements Callable<Integer> {
    /** Ends with whoever holds the other end of standard input, see {@link NodeProcess}. */
    static final String STOP_WITH_PARENT = "--stop-with-parent";
    private static final Duration FAILURE_POLL = Duration.ofMillis(200);

    @Option(names = "--id", required = true, paramLabel = "N", description = "this node, one of --members")
    private int id;

    @Option(names = "--members", required = true, split = ",", paramLabel = "N=HOST:PORT",
        description = "all nodes, at the addresses their peers send to, the same on every node; a node uses its port "
            + "and the next one")
    private Map<Integer, String> members;

    @Option(names = "--resp-port", required = true, paramLabel = "PORT", description = "where clients connect")
    private int respPort;

    @Option(names = "--dir", required = true, paramLabel = "DIR", description = "the data of this node alone")
    private Path dir;

    @Option(names = "--bootstrap",
        description = "make an empty directory a voter of a new cluster; for the first start of all nodes only")
    private boolean bootstrap;

    @Option(names = "--bind", paramLabel = "HOST[:PORT]",
        description = "where to receive from peers (default: this node's address in --members)")
    private String bind;

    @Option(names = "--resp-bind", defaultValue = "127.0.0.1", paramLabel = "HOST",
        description = "where to listen for clients (default: ${DEFAULT-VALUE})")
    private String respBind;

    @Option(names = "--advertise", paramLabel = "HOST:PORT",
        description = "where other nodes send clients of this one (default: --resp-bind and --resp-port)")
    private String advertise;

    @Option(names = "--cluster-name", defaultValue = "balsa", paramLabel = "NAME",
        description = "tells clusters apart, the same on every node (default: ${DEFAULT-VALUE})")
    private String clusterName;

    @Option(names = "--rebuild",
        description = "the directory is damaged or was wiped: set aside what it holds and let the other nodes fill it "
            + "again; until then this node neither votes nor counts. A sound directory is left as it is. Not for two "
            + "nodes at once")
    private boolean rebuild;

    @Option(names = "--cluster-id", paramLabel = "HEX", converter = Hexadecimal.class,
        description = "of the cluster, as 'balsa status --json' shows it; for a wiped directory of a cluster that was "
            + "restored from a backup or whose addresses have changed (default: follows from --cluster-name and "
            + "--members)")
    private Long clusterId;

    @Option(names = "--aeron-dir", paramLabel = "DIR",
        description = "where to make the folder of the network buffers, best in memory (default: /dev/shm where there "
            + "is one)")
    private Path aeronDir;

    @Option(names = STOP_WITH_PARENT, hidden = true)
    private boolean stopWithParent;

    @Mixin
    private TimingOptions timing;

    @Mixin
    private DiskOptions disk;

    @Mixin
    private DurabilityOptions durability;

    private final CountDownLatch parentGone = new CountDownLatch(1);

    @Override
    public Integer call() throws InterruptedException {
        final KvNode node = start();
        // Also runs on SIGTERM and Ctrl-C: the log gets its mark of a clean stop.
        Runtime.getRuntime().addShutdownHook(new Thread(node::close, "close-node"));
        node.notices().forEach(Messages::info);
        if (stopWithParent) {
            Thread.ofPlatform().daemon().name("parent-watch").start(this::awaitParent);
        }
        while (!parentGone.await(FAILURE_POLL.toMillis(), TimeUnit.MILLISECONDS)) {
            final Optional<String> failure = node.status().failure();
            if (failure.isPresent()) {
                Messages.error("node " + id + " has stopped: " + failure.get());
                return ExitCode.FAILED;
            }
        }
        return ExitCode.OK;
    }

    private KvNode start() {
        try {
            final Options options = options();
            final KvNode node = KvNode.start(options);
            Messages.info("node " + id + " serves clients at " + node.respAddress() + ", peers at "
                + options.raftBind().orElse(members.get(id)) + ", data in " + options.dir() + ", election timeout "
                + options.electionTimeout().toMillis() + " ms, heartbeat " + options.heartbeatInterval().toMillis()
                + " ms, heap at most " + (Runtime.getRuntime().maxMemory() >> 20) + " MiB");
            return node;
        } catch (final IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        } catch (final LogCorruptException e) {
            throw new RaftException(e.getMessage(), e); // it was to run, not to find damage
        }
    }

    private Options options() {
        final Options defaults = Options.of(id, members, respPort, dir.toAbsolutePath().normalize());
        Options options = defaults
            .withBootstrap(bootstrap)
            .withRebuild(rebuild)
            .withDisk(disk.or(defaults.disk()))
            .withClusterName(clusterName)
            .withAddresses(Optional.ofNullable(bind).map(this::withPort), respBind, Optional.ofNullable(advertise))
            .withTimeouts(timing.electionTimeoutOr(defaults.electionTimeout()),
                timing.heartbeatOr(defaults.heartbeatInterval()), defaults.requestDeadline());
        if (clusterId != null) {
            options = options.withClusterId(clusterId);
        }
        options = durability.addTo(options);
        return aeronDir == null ? options : options.withAeronDirectory(aeronDir.toAbsolutePath().normalize());
    }

    /** The port peers send to goes with a host given alone. */
    private String withPort(String hostMaybePort) {
        final boolean hostAlone = hostMaybePort.endsWith("]") || hostMaybePort.indexOf(':') < 0;
        final String own = members.get(id);
        return hostAlone ? hostMaybePort + own.substring(own.lastIndexOf(':')) : hostMaybePort;
    }

    private void awaitParent() {
        try {
            while (System.in.read() >= 0) {
                // what is written means nothing, only the end does
            }
        } catch (final IOException e) {
            Messages.error("standard input cannot be read (" + e.getMessage() + "), so the parent counts as gone");
        }
        parentGone.countDown();
    }
}
