package io.balsa.mapreduce.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.task.TaskControl;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;

/** Where a task of ours runs inside a task of Spark's: its files, and how it hears that it is to stop. */
final class TaskPlace implements TaskControl {
    private final TaskContext context = TaskContext.get();
    private final JobSpec spec;

    /** Makes a directory for intermediate files; it is removed when Spark's task has ended, whichever way. */
    TaskPlace(byte[] job) throws IOException {
        final String local = SparkEnv.get().conf().get("spark.local.dir", System.getProperty("java.io.tmpdir"));
        final Path directory = Files.createTempDirectory(Files.createDirectories(Path.of(local)), "balsa-");
        context.addTaskCompletionListener((TaskCompletionListener) ended -> remove(directory));
        spec = JobSpec.decode(job).withWorkDir(directory.toString());
    }

    /** The job, with its intermediate files here. */
    JobSpec spec() {
        return spec;
    }

    /** Unique among all attempts of all tasks of the application. */
    int attempt() {
        return (int) context.taskAttemptId();
    }

    int partition() {
        return context.partitionId();
    }

    @Override
    public void progress() {
        // Spark does not ask.
    }

    @Override
    public boolean cancelled() {
        return context.isInterrupted();
    }

    @Override
    public <T> T blocking(Callable<T> call) throws Exception {
        return call.call();
    }

    private static void remove(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (final Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (final IOException e) {
            throw new UncheckedIOException("temporary files cannot be removed: " + e, e);
        }
    }
}
