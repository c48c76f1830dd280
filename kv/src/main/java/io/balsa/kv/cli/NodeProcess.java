package io.balsa.kv.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.balsa.raft.spi.RaftException;

/**
 * One node of a local cluster as a child process. Its standard input is a pipe that nobody writes to: when this process
 * dies, however it dies, the child reads the end of the pipe and stops.
 */
final class NodeProcess {
    private final int id;
    private final List<String> arguments;
    private final Process process;

    private NodeProcess(int id, List<String> arguments, Process process) {
        this.id = id;
        this.arguments = arguments;
        this.process = process;
    }

    /**
     * Starts the child with the JVM, the options and the jar of this process.
     *
     * @param arguments      of {@code balsa node}
     * @param extraArguments for this start as a child only
     * @param messages       gets what the child writes, line by line, marked with its id
     */
    static NodeProcess start(int id, List<String> arguments, List<String> extraArguments, PrintStream messages) {
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        final String classPath = System.getProperty("java.class.path");
        if (classPath.endsWith(".jar") && !classPath.contains(System.getProperty("path.separator"))) {
            // Only with -jar does the JVM heed the manifest, which opens what Agrona and Chronicle need.
            command.addAll(List.of("-jar", classPath));
        } else {
            command.addAll(List.of("-cp", classPath, Main.class.getName()));
        }
        command.addAll(arguments);
        command.addAll(extraArguments);
        final Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (final IOException e) {
            throw new RaftException("node " + id + " cannot be started: " + e.getMessage(), e);
        }
        final NodeProcess node = new NodeProcess(id, arguments, process);
        Thread.ofVirtual().name("output-of-node-" + id).start(() -> node.passOn(messages));
        return node;
    }

    int id() {
        return id;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** How to start this very node again by hand. */
    String commandLine() {
        return "balsa " + String.join(" ", arguments);
    }

    /** Waits until the child is gone. @return its exit status */
    int awaitExit() throws InterruptedException {
        return process.waitFor();
    }

    /** Asks the child to stop. Its output is still passed on, which {@link Process#destroy} would cut off. */
    void terminate() {
        process.toHandle().destroy();
    }

    /** Waits for the end; kills the child when it does not come in time: nothing acknowledged needs a clean end. */
    void awaitExitOrKill(long timeout, TimeUnit unit) {
        try {
            if (!process.waitFor(timeout, unit)) {
                process.destroyForcibly().waitFor();
            }
        } catch (final InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private void passOn(PrintStream messages) {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                messages.println("node " + id + ": " + line);
            }
        } catch (final IOException e) {
            throw new UncheckedIOException("output of node " + id, e);
        }
    }
}
