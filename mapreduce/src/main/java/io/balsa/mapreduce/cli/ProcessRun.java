package io.balsa.mapreduce.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import io.balsa.aeron.RequestLink;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.coordinator.Coordinator;
import io.balsa.mapreduce.wire.Ended;
import io.balsa.mapreduce.wire.JobClient;
import io.balsa.mapreduce.wire.JobId;
import io.balsa.mapreduce.wire.JobStatus;
import io.balsa.raft.spi.RaftException;

/** One job whose tasks run in processes: what a task does to its process costs no other task more than time. */
final class ProcessRun {
    /** Beyond the first start of each. */
    private static final int RESTARTS = 3;
    private static final String LOOPBACK = "127.0.0.1";

    private final String coordinators;
    private final String heap;
    private final AtomicBoolean over = new AtomicBoolean();
    private final List<Process> alive = new ArrayList<>();

    private ProcessRun(String coordinators, String heap) {
        this.coordinators = coordinators;
        this.heap = heap;
    }

    static JobStatus run(JobSpec spec, int workers, String heap, Consumer<JobStatus> watch)
        throws InterruptedException {
        if (workers < 1) {
            throw new IllegalArgumentException("--workers: at least 1, not " + workers);
        }
        final long id = JobId.draw();
        try (Coordinator coordinator = Coordinator.inProcess();
             RequestLink link = coordinator.serve(LOOPBACK, RequestLink.ANY_PORT)) {
            final JobClient client = new JobClient(coordinator);
            client.submit(id, spec);
            final ProcessRun run = new ProcessRun(link.address().toString(), heap);
            final Thread atEnd = new Thread(run::kill, "kill-workers");
            Runtime.getRuntime().addShutdownHook(atEnd);
            final List<Thread> keepers = new ArrayList<>();
            for (int i = 0; i < workers; i++) {
                keepers.add(Thread.ofPlatform().daemon().name("mr-keeper-" + i).start(run::keepOne));
            }
            final JobStatus end = client.await(id, status -> {
                watch.accept(status);
                if (keepers.stream().noneMatch(Thread::isAlive) && status.ended() == Ended.RUNNING) {
                    client.cancel(id);
                }
            });
            run.over.set(true);
            for (final Thread keeper : keepers) {
                keeper.join(TimeUnit.SECONDS.toMillis(10));
            }
            run.kill();
            Runtime.getRuntime().removeShutdownHook(atEnd);
            return end;
        }
    }

    /** Starts a worker, and another one where it ended before the job did. */
    private void keepOne() {
        try {
            for (int start = 0; start <= RESTARTS && !over.get(); start++) {
                final Process worker = start();
                final int status = worker.waitFor();
                if (status == 0) {
                    return;
                }
                Main.say("a worker has ended with status " + status
                    + (start < RESTARTS ? "; another one takes its place" : "; it is given up"));
            }
        } catch (IOException e) {
            Main.say("a worker cannot be started: " + e.getMessage());
        } catch (InterruptedException e) {
            // this process ends, and kills what is alive
        }
    }

    private synchronized Process start() throws IOException {
        if (over.get()) {
            throw new RaftException("the job has ended");
        }
        final Process process = new ProcessBuilder(command()).inheritIO().start();
        alive.add(process);
        return process;
    }

    private List<String> command() {
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add(heap);
        command.addAll(Arrays.asList("-XX:+IgnoreUnrecognizedVMOptions", "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED", "--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED",
            "-cp", System.getProperty("java.class.path"), Main.class.getName(), "worker",
            "--coordinators", coordinators, "--slots", "1", "--patience", "10s"));
        return command;
    }

    private synchronized void kill() {
        over.set(true);
        alive.forEach(Process::destroyForcibly);
    }
}
