package io.balsa.mapreduce.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;

/** {@code mapreduce/bin/mr} as a user runs it: a process of its own, from the jar that was built. */
final class Mr implements AutoCloseable {
    /** Beside other builds a process may take half of it to start, which is no test's matter. */
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Path out;
    private final Path err;
    private final Process process;
    private final Set<ProcessHandle> workers = new HashSet<>();

    private Mr(Path dir, String... arguments) throws IOException {
        out = Files.createTempFile(dir, "mr", ".out");
        err = Files.createTempFile(dir, "mr", ".err");
        final List<String> command = new ArrayList<>(List.of("bin/mr"));
        command.addAll(Arrays.asList(arguments));
        final ProcessBuilder builder =
            new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().put("MR_JAVA", System.getProperty("java.home") + "/bin/java");
        process = builder.start();
    }

    /** @param dir where its words are kept */
    static Mr start(Path dir, String... arguments) throws IOException {
        return new Mr(dir, arguments);
    }

    /** Starts it and waits for its end. */
    static Mr run(Path dir, String... arguments) throws Exception {
        final Mr mr = start(dir, arguments);
        mr.awaitEnd();
        return mr;
    }

    /** A jar with a class and those in it. */
    static Path jarOf(Path jar, Class<?> outer) throws IOException {
        final List<Class<?>> classes = new ArrayList<>(Arrays.asList(outer.getDeclaredClasses()));
        classes.add(outer);
        try (JarOutputStream into = new JarOutputStream(Files.newOutputStream(jar))) {
            for (final Class<?> each : classes) {
                final String name = each.getName().replace('.', '/') + ".class";
                into.putNextEntry(new ZipEntry(name));
                try (InputStream from = each.getClassLoader().getResourceAsStream(name)) {
                    from.transferTo(into);
                }
            }
        }
        return jar;
    }

    boolean isAlive() {
        lookAtWorkers();
        return process.isAlive();
    }

    /** Returns its exit status. */
    int awaitEnd() throws InterruptedException {
        await(() -> !isAlive(), "it has not ended");
        return process.exitValue();
    }

    void await(BooleanSupplier condition, String otherwise) throws InterruptedException {
        final long deadlineNs = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadlineNs < 0, () -> otherwise + "; it said " + err());
            lookAtWorkers();
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    void signal(String name) throws Exception {
        assertEquals(0, new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor());
    }

    int status() {
        return process.exitValue();
    }

    /** Whether a worker process lives that it has started. */
    boolean leftWorkers() {
        return workers.stream().anyMatch(ProcessHandle::isAlive);
    }

    /** How many of them it was seen to start. */
    int workers() {
        return workers.size();
    }

    private void lookAtWorkers() {
        process.descendants().filter(each -> each.info().commandLine().orElse("").contains(" worker "))
            .forEach(workers::add);
    }

    String out() {
        return read(out);
    }

    String err() {
        return read(err);
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().onExit().join();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
