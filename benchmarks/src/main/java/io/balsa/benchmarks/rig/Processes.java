package io.balsa.benchmarks.rig;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Three nodes, each a process; they end with this one. */
final class Processes implements Nodes {
    private static final long TICK_NS = 10_000_000;
    private static final int USER_COLUMN = 11;

    private final IntFunction<List<String>> commands;
    private final Process[] running = new Process[Subject.NODES];
    private long deadCpuNs;

    /** The command line of each node. */
    Processes(IntFunction<List<String>> commands) {
        this.commands = commands;
    }

    /** Each node a JVM with the options and libraries of this one. */
    static Processes ofJvms(Contender contender, Setting setting) {
        return new Processes(id -> {
            final List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), NodeProcess.class.getName(),
                contender.toString(), String.valueOf(id)));
            command.addAll(setting.arguments());
            return command;
        });
    }

    @Override
    public void start() throws IOException {
        for (int id = 0; id < running.length; id++) {
            start(id);
        }
    }

    void start(int id) throws IOException {
        running[id] = new ProcessBuilder(commands.apply(id)).redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    /** As {@code kill -9} does; returns when the process is gone. */
    void kill(int id) {
        deadCpuNs += cpuNs(running[id]);
        running[id].destroyForcibly().onExit().join();
    }

    @Override
    public long otherCpuNs() {
        long sum = deadCpuNs;
        for (Process process : running) {
            sum += process == null ? 0 : cpuNs(process);
        }
        return sum;
    }

    private static long cpuNs(Process process) {
        try {
            final String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
            // after the name, which may hold spaces: state ppid ... utime stime
            final String[] columns = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return (Long.parseLong(columns[USER_COLUMN]) + Long.parseLong(columns[USER_COLUMN + 1])) * TICK_NS;
        } catch (IOException gone) {
            return 0;
        }
    }

    @Override
    public void close() {
        for (Process process : running) {
            if (process != null) {
                process.destroyForcibly().onExit().join();
            }
        }
    }
}
