package io.balsa.mapreduce.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import io.balsa.aeron.RequestLink;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.coordinator.Coordinator;
import io.balsa.mapreduce.wire.Ended;
import io.balsa.mapreduce.wire.JobClient;
import io.balsa.mapreduce.wire.JobId;
import io.balsa.mapreduce.wire.JobStatus;
import io.balsa.raft.spi.Threads;

/** One job whose tasks run in processes: what a task does to its process costs no other task more than time. */
final class ProcessRun implements AutoCloseable {
    /** Beyond the first start of each. */
    private static final int RESTARTS = 3;
    private static final String LOOPBACK = "127.0.0.1";
    /** What ends a worker may be about to end this process as well, as ^C does: that is no reason to start another. */
    private static final long SECOND_LOOK_MS = 200;
    /** How long workers may take to end when the job has. */
    private static final long LAST_WAIT_MS = 10_000;

    private final JobClient client;
    private final long job;
    private final String coordinator;
    private final String heap;
    private final List<Process> processes = new ArrayList<>();
    private final List<Thread> keepers = new ArrayList<>();
    private volatile boolean over;

    private ProcessRun(JobClient client, long job, String coordinator, String heap) {
        this.client = client;
        this.job = job;
        this.coordinator = coordinator;
        this.heap = heap;
    }

    /**
     * Runs a job and waits for its end; then no process is left.
     *
     * @param heap of each process, an option of the JVM
     * @throws InterruptedException when the calling thread was interrupted: the job is given up, its files are removed
     */
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
            try (ProcessRun run = new ProcessRun(client, id, link.address().toString(), heap)) {
                run.start(workers);
                return run.await(watch);
            } catch (InterruptedException | RuntimeException e) { // its workers are gone, its files go with the link
                client.cancel(id);
                throw e;
            }
        }
    }

    private void start(int workers) {
        for (int i = 0; i < workers; i++) {
            keepers.add(Thread.ofPlatform().daemon().name("mr-keeper-" + i).start(this::keepOne));
        }
    }

    private JobStatus await(Consumer<JobStatus> watch) throws InterruptedException {
        final JobStatus end = client.await(job, status -> {
            watch.accept(status);
            if (status.ended() == Ended.RUNNING && keepers.stream().noneMatch(Thread::isAlive)) {
                Main.say("no worker is left");
                client.cancel(job);
            }
        });
        final long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LAST_WAIT_MS);
        for (final Thread keeper : keepers) {
            keeper.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime())));
        }
        return end;
    }

    /** Starts a worker, and another one where it ended before the job did. */
    private void keepOne() {
        try {
            for (int start = 0; start <= RESTARTS; start++) {
                final Optional<Process> worker = startWorker();
                if (worker.isEmpty()) {
                    return;
                }
                final int status = worker.get().waitFor();
                TimeUnit.MILLISECONDS.sleep(SECOND_LOOK_MS);
                if (over || client.look(job).ended() != Ended.RUNNING) {
                    return;
                }
                Main.say("a worker has ended with status " + status
                    + (start < RESTARTS ? "; another one takes its place" : "; it is given up"));
            }
        } catch (IOException e) {
            Main.say("a worker cannot be started: " + e.getMessage());
        } catch (InterruptedException e) {
            // nobody interrupts it
        }
    }

    /** Empty when none is wanted any more. */
    private synchronized Optional<Process> startWorker() throws IOException {
        if (over) {
            return Optional.empty();
        }
        final Process process = new ProcessBuilder(command()).redirectOutput(ProcessBuilder.Redirect.INHERIT)
            .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        processes.add(process);
        return Optional.of(process);
    }

    /** Its stdin is a pipe that nothing is written to: it ends with this process, however that does. */
    private List<String> command() {
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add(heap);
        command.addAll(Arrays.asList("-XX:+IgnoreUnrecognizedVMOptions", "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED", "--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED",
            "-cp", System.getProperty("java.class.path"), Main.class.getName(), "worker",
            "--coordinators", coordinator, "--slots", "1", "--patience", "10s", "--until-stdin-ends"));
        return command;
    }

    @Override
    public void close() {
        synchronized (this) {
            over = true;
            processes.forEach(Process::destroyForcibly);
        }
        keepers.forEach(Threads::join);
        processes.forEach(process -> process.onExit().join());
    }
}
