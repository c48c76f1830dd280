package io.balsa.kv.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

import io.balsa.kv.KvClient;
import io.balsa.kv.KvException;
import io.balsa.mmap.SnapshotList;
import io.balsa.mmap.SnapshotVerify;
import io.balsa.raft.spi.RaftException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The snapshots of nodes. */
@Command(name = "snapshot", description = "Has nodes take snapshots, or looks at those in a node's data.",
    subcommands = {SnapshotCommand.Take.class, SnapshotCommand.ListAll.class, SnapshotCommand.Verify.class})
final class SnapshotCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "one of take, list and verify is missing");
    }

    @Command(name = "take",
        description = "Has nodes write their state down now, one after the other, so that the log before it can go. "
            + "Prints a line for each: its address, the index of the last entry in the snapshot, and how long it took.")
    static final class Take implements Callable<Integer> {
        @Mixin
        private NodeOptions options;

        @Option(names = "--at", split = ",", paramLabel = "HOST:PORT",
            description = "the nodes, where clients reach them (default: all of --cluster)")
        private List<String> at;

        @Override
        public Integer call() {
            int status = ExitCode.OK;
            for (final String node : at == null ? options.cluster() : options.checked("--at", at)) {
                try {
                    final long startNs = System.nanoTime();
                    final long index = KvClient.takeSnapshot(node, options.timeout());
                    Results.line(node + " index " + index + " in "
                        + Duration.ofNanos(System.nanoTime() - startNs).toMillis() + " ms");
                } catch (KvException.Unavailable e) {
                    Messages.error(e.getMessage());
                    status = Math.max(status, ExitCode.UNAVAILABLE);
                } catch (RaftException e) {
                    Messages.error(e.getMessage());
                    status = ExitCode.FAILED;
                }
            }
            return status;
        }
    }

    @Command(name = "list", description = "Prints the snapshots in a node's data, one a line; changes nothing.")
    static final class ListAll implements Callable<Integer> {
        @Parameters(paramLabel = "DIR", description = "a node's directory")
        private Path dir;

        @Override
        public Integer call() {
            SnapshotList.list(dir).forEach(item -> Results.line(text(item)));
            return ExitCode.OK;
        }

        private static String text(SnapshotList.Item item) {
            return switch (item) {
                case SnapshotList.Whole whole -> "index " + whole.index() + " term " + whole.term() + " members "
                    + whole.members().stream().map(String::valueOf).collect(Collectors.joining(",")) + " bytes "
                    + whole.bytes() + " " + whole.file();
                case SnapshotList.Damaged damaged -> "damaged: " + damaged.problem();
                case SnapshotList.Unfinished unfinished -> "unfinished: " + unfinished.file() + ", "
                    + unfinished.bytes() + " bytes";
            };
        }
    }

    @Command(name = "verify",
        description = "Reads the snapshots in a node's data and checks every checksum. Prints what is wrong, one a "
            + "line, and ends with status 1, or prints ok.")
    static final class Verify implements Callable<Integer> {
        @Parameters(paramLabel = "DIR", description = "a node's directory")
        private Path dir;

        @Override
        public Integer call() {
            final List<String> findings = SnapshotVerify.verify(dir);
            findings.forEach(Results::line);
            if (findings.isEmpty()) {
                Results.line("ok");
            }
            SnapshotVerify.setAside(dir).forEach(Messages::info); // known, and nothing is made of it any more
            return findings.isEmpty() ? ExitCode.OK : ExitCode.ABSENT;
        }
    }
}
