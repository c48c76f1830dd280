package io.balsa.kv.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * A whole cluster on this host, one process a node. This process only starts, watches and stops them.
 */
@Command(name = "cluster",
    description = "Runs a cluster on this host, one process a node, until Ctrl-C. Started again on the same folder it "
        + "has its data.")
final class ClusterCommand implements Callable<Integer> {
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(2);
    /** A terminal's Ctrl-C reaches the children too: what dies within this time of a stop was stopped, not lost. */
    private static final Duration STOP_NOTICE = Duration.ofMillis(300);

    @Option(names = "--dir", required = true, paramLabel = "DIR",
        description = "where the nodes keep their data, each in a folder of its own")
    private Path dir;

    @Option(names = "--nodes", defaultValue = "3", paramLabel = "N",
        description = "how many nodes; 3, 5 or 7 in practice (default: ${DEFAULT-VALUE})")
    private int nodes;

    @Option(names = "--port", defaultValue = "7400", paramLabel = "PORT",
        description = "where clients reach node 0; node i is at PORT + i (default: ${DEFAULT-VALUE})")
    private int port;

    @Option(names = "--raft-port", paramLabel = "PORT",
        description = "where peers reach node 0; node i uses PORT + 10 i and the next one (default: --port + 1600)")
    private Integer raftPort;

    @Mixin
    private TimingOptions timing;

    @Mixin
    private DiskOptions disk;

    @Mixin
    private DurabilityOptions durability;

    private final CountDownLatch stopping = new CountDownLatch(1);

    @Override
    public Integer call() throws InterruptedException {
        final ClusterLayout layout = new ClusterLayout(dir.toAbsolutePath().normalize(), nodes, port,
            raftPort == null ? ClusterLayout.defaultRaftPort(port) : raftPort);
        layout.requireSameSize();
        layout.requireMajorityWithData();
        layout.requireFreePorts();
        layout.createDirectories();

        final List<NodeProcess> processes = start(layout);
        if (!awaitReady(layout, processes)) {
            Messages.error("the cluster cannot serve: too few of its nodes run; see their messages above");
            stop(processes);
            return ExitCode.FAILED;
        }
        for (final NodeProcess process : processes) {
            process.awaitExit();
        }
        if (stopping.getCount() > 0) {
            Messages.error("all nodes are gone; start the cluster again on the same --dir, its data is kept");
        }
        return ExitCode.FAILED;
    }

    private List<NodeProcess> start(ClusterLayout layout) {
        final boolean bootstrap = layout.isFresh();
        final List<NodeProcess> processes = new ArrayList<>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(processes), "stop-nodes"));
        for (int node = 0; node < nodes; node++) {
            if (!bootstrap && layout.isEmpty(node)) {
                Messages.info("node " + node + " has no data: it follows, but does not vote");
            }
            final NodeProcess process =
                NodeProcess.start(node, nodeArguments(layout, node), extraArguments(bootstrap), System.err);
            synchronized (processes) {
                processes.add(process);
            }
            Thread.ofVirtual().name("watch-of-node-" + node).start(() -> reportExit(process));
            System.out.println("node " + node + " pid " + process.pid() + " resp " + layout.respAddress(node)
                + " raft " + layout.raftAddress(node));
        }
        System.out.flush();
        return processes;
    }

    private List<String> nodeArguments(ClusterLayout layout, int node) {
        final List<String> arguments = new ArrayList<>(List.of("node",
            "--id", Integer.toString(node),
            "--members", layout.members(),
            "--resp-port", Integer.toString(port + node),
            "--dir", layout.nodeDir(node).toString()));
        arguments.addAll(timing.asArguments());
        arguments.addAll(disk.asArguments());
        arguments.addAll(durability.asArguments());
        return arguments;
    }

    private static List<String> extraArguments(boolean bootstrap) {
        return bootstrap
            ? List.of(NodeCommand.STOP_WITH_PARENT, "--bootstrap")
            : List.of(NodeCommand.STOP_WITH_PARENT);
    }

    /** Waits until a linearizable read is answered. False when too few nodes are left to ever answer one. */
    private boolean awaitReady(ClusterLayout layout, List<NodeProcess> processes) throws InterruptedException {
        final ClusterProbe probe = new ClusterProbe(layout, PROBE_TIMEOUT);
        while (processes.stream().filter(NodeProcess::isAlive).count() > nodes / 2) {
            final Optional<ClusterProbe.Leader> leader = probe.askForLeader();
            if (leader.isPresent()) {
                System.out.println("ready leader=" + leader.get().id() + " term=" + leader.get().term());
                System.out.flush();
                return true;
            }
            if (stopping.await(50, TimeUnit.MILLISECONDS)) {
                return true;
            }
        }
        return false;
    }

    private void reportExit(NodeProcess process) {
        try {
            final int status = process.awaitExit();
            if (!stopping.await(STOP_NOTICE.toMillis(), TimeUnit.MILLISECONDS)) {
                Messages.error("node " + process.id() + " (pid " + process.pid() + ") ended with status " + status
                    + "; start it again with: " + process.commandLine());
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void stop(List<NodeProcess> processes) {
        stopping.countDown();
        final List<NodeProcess> started;
        synchronized (processes) {
            started = List.copyOf(processes);
        }
        started.forEach(NodeProcess::terminate);
        started.forEach(process -> process.awaitExitOrKill(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
    }
}
