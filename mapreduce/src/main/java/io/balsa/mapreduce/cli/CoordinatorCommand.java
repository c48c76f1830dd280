package io.balsa.mapreduce.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

import io.balsa.mapreduce.coordinator.CoordinatorNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** One coordinator, until SIGTERM, or with --lab until its jobs have ended. */
@Command(name = "coordinator", description = "Runs one coordinator of a service: one alone, or one of three.")
final class CoordinatorCommand implements Callable<Integer> {
    private static final long LOOK_MS = 100;

    @Option(names = "--id", defaultValue = "0", paramLabel = "N", description = "this coordinator, one of --members")
    private int id;

    @Option(names = "--members", split = ",", defaultValue = "0=127.0.0.1:7610", paramLabel = "N=HOST:PORT",
        description = "all coordinators, where they reach each other over UDP, the same on each; every one uses its "
            + "port and the next (default: ${DEFAULT-VALUE})")
    private TreeMap<Integer, String> members;

    @Option(names = "--listen", defaultValue = "127.0.0.1:7600", paramLabel = "HOST:PORT",
        description = "where workers and clients ask this one over UDP (default: ${DEFAULT-VALUE})")
    private String listen;

    @Option(names = "--dir", required = true, paramLabel = "DIR", description = "the data of this coordinator alone")
    private Path dir;

    @Option(names = "--bootstrap",
        description = "make an empty directory a founding member; for the first start of all coordinators only")
    private boolean bootstrap;

    @Option(names = "--lab", description = "end, and let workers end, when there was a job and all have ended")
    private boolean lab;

    @Option(names = "--lease", defaultValue = "10s", paramLabel = "TIME",
        description = "how long a worker is believed to be alive without a word (default: ${DEFAULT-VALUE})")
    private String lease;

    @Override
    public Integer call() throws InterruptedException {
        final CoordinatorNode node = CoordinatorNode.start(new CoordinatorNode.Options(id, members, listen,
            dir.toAbsolutePath().normalize(), bootstrap, lab, Amounts.time("--lease", lease)));
        Runtime.getRuntime().addShutdownHook(new Thread(node::close, "close-coordinator"));
        Main.say("coordinator " + id + " is asked at " + node.address() + ", data in " + dir);
        while (!(lab && node.isOver())) {
            final Optional<String> failure = node.failure();
            if (failure.isPresent()) {
                Main.say("coordinator " + id + " has stopped: " + failure.get());
                return ExitCode.FAILED;
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
        }
        return ExitCode.OK;
    }
}
