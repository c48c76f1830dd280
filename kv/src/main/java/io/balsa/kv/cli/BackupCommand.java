package io.balsa.kv.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

import io.balsa.kv.Backup;
import io.balsa.kv.RestoredCluster;
import io.balsa.raft.spi.LogCorruptException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The whole store in a file, and a new cluster from it. */
@Command(name = "backup", description = "Saves the whole store to a file, or makes a new cluster from one.",
    subcommands = {BackupCommand.Save.class, BackupCommand.Verify.class, BackupCommand.Restore.class})
final class BackupCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "one of save, verify and restore is missing");
    }

    @Command(name = "save",
        description = "Has a node of a running cluster take a snapshot and saves it, verified and durable, to FILE, "
            + "which must not exist. All that was acknowledged before the command began is in it. Prints what it is; "
            + "where it fails, there is no FILE, unless the message says that there is.")
    static final class Save implements Callable<Integer> {
        private static final Duration STATUS_TIMEOUT = Duration.ofSeconds(2);

        @Mixin
        private NodeOptions options;

        @Option(names = "--at", paramLabel = "HOST:PORT",
            description = "the node to take it from (default: one of --cluster that does not lead, if there is one)")
        private String at;

        @Parameters(paramLabel = "FILE")
        private Path file;

        @Override
        public Integer call() throws InterruptedException {
            final List<String> cluster = options.cluster();
            final String node = at == null ? sparing(cluster) : options.checked("--at", List.of(at)).getFirst();
            Results.line("saved " + Backup.save(file.toAbsolutePath(), cluster, node, options.timeout()));
            return ExitCode.OK;
        }

        /** A node that serves and has the least else to do. */
        private static String sparing(List<String> cluster) throws InterruptedException {
            final List<NodeStatus> nodes = NodeStatus.ask(cluster, STATUS_TIMEOUT);
            return Stream.of("follower", "leader")
                .flatMap(role -> cluster.stream().filter(node -> serves(nodes.get(cluster.indexOf(node)), role)))
                .findFirst().orElse(cluster.getFirst());
        }

        private static boolean serves(NodeStatus status, String role) {
            return status instanceof NodeStatus.Answered node && role.equals(node.fields().get("role"))
                && Boolean.TRUE.equals(node.fields().get("voter")) && node.fields().get("failure") == null;
        }
    }

    @Command(name = "verify",
        description = "Reads a backup to its end and checks all of it. Prints what is wrong and ends with status 1, or "
            + "prints ok and what it is.")
    static final class Verify implements Callable<Integer> {
        @Parameters(paramLabel = "FILE")
        private Path file;

        @Override
        public Integer call() {
            try {
                Results.line("ok " + Backup.verify(file));
                return ExitCode.OK;
            } catch (LogCorruptException damage) {
                Results.line(damage.getMessage());
                return ExitCode.ABSENT;
            }
        }
    }

    @Command(name = "restore",
        description = "Makes the directories of all nodes of a new cluster on this host (--nodes, --port and "
            + "--raft-port as for 'cluster'), or that of one node (--id and --members). For a cluster on several "
            + "hosts, run it on the first without --founding, and on the others with the number that it printed there, "
            + "with the same file, members and name, before any node is started. A node of a cluster that has been "
            + "started must never be made so: 'node --rebuild' brings it back. Start the nodes with 'node', without "
            + "--bootstrap, or with 'cluster'.")
    static final class Restore implements Callable<Integer> {
        @Parameters(paramLabel = "FILE")
        private Path file;

        @Option(names = "--dir", required = true, paramLabel = "DIR",
            description = "what 'node' or 'cluster' will be given; must be empty or not exist")
        private Path dir;

        @Option(names = "--cluster-name", required = true, paramLabel = "NAME",
            description = "of the new cluster, the same for all its nodes; not that of the one saved")
        private String clusterName;

        @Option(names = "--id", paramLabel = "N", description = "the node, one of --members")
        private Integer id;

        @Option(names = "--members", split = ",", paramLabel = "N=HOST:PORT",
            description = "all nodes of the new cluster, at the addresses their peers send to")
        private Map<Integer, String> members;

        @Option(names = "--founding", paramLabel = "HEX", converter = Hexadecimal.class,
            description = "what making the first node of this new cluster has printed (default: this is the first)")
        private Long founding;

        @Option(names = "--nodes", defaultValue = "3", paramLabel = "N",
            description = "how many nodes on this host (default: ${DEFAULT-VALUE})")
        private int nodes;

        @Option(names = "--port", defaultValue = "7400", paramLabel = "PORT",
            description = "where clients will reach node 0 (default: ${DEFAULT-VALUE})")
        private int port;

        @Option(names = "--raft-port", paramLabel = "PORT",
            description = "where peers will reach node 0 (default: --port + 1600)")
        private Integer raftPort;

        @Override
        public Integer call() {
            if ((id == null) != (members == null)) {
                throw new UsageException("--id and --members belong together");
            }
            if (founding != null && id == null) {
                throw new UsageException("--founding belongs to --id: without it all nodes are made at once");
            }
            final SortedMap<Integer, Path> directories = new TreeMap<>();
            final SortedMap<Integer, String> addresses;
            if (members == null) {
                final ClusterLayout layout = new ClusterLayout(dir.toAbsolutePath().normalize(), nodes, port,
                    raftPort == null ? ClusterLayout.defaultRaftPort(port) : raftPort);
                addresses = layout.raftAddresses();
                addresses.keySet().forEach(node -> directories.put(node, layout.nodeDir(node)));
            } else {
                addresses = new TreeMap<>(members);
                directories.put(id, dir.toAbsolutePath().normalize());
            }
            restore(directories, addresses);
            return ExitCode.OK;
        }

        private void restore(SortedMap<Integer, Path> directories, SortedMap<Integer, String> addresses) {
            final RestoredCluster cluster;
            try {
                cluster = founding == null ? Backup.restore(file, directories, addresses, clusterName)
                    : Backup.restoreMore(file, directories, addresses, clusterName, founding);
            } catch (final IllegalArgumentException e) {
                throw new UsageException(e.getMessage());
            }
            directories.forEach((node, directory) -> Results.line("restored node " + node + " index "
                + cluster.index() + " term " + cluster.term() + " cluster " + Long.toHexString(cluster.clusterId())
                + " founding " + Long.toHexString(cluster.founding()) + " " + directory));
            if (founding == null && directories.size() < addresses.size()) {
                Messages.info("make the other nodes with --founding " + Long.toHexString(cluster.founding())
                    + " before any is started; from then on a lost one comes back with 'node --rebuild --cluster-id "
                    + Long.toHexString(cluster.clusterId()) + "'");
            }
        }
    }
}
