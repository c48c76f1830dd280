package io.balsa.benchmarks.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

import com.sun.management.OperatingSystemMXBean;

/**
 * What the machine had done at one moment, by the kernel's books.
 *
 * @param atNs        when, on the monotonic clock
 * @param busyNs      CPU time of all processes and of the kernel, over all cores
 * @param stealNs     CPU time that the hypervisor gave to others
 * @param ownNs       CPU time of this process
 * @param flushes     how many flushes the disks had done
 * @param loadAverage processes that ran or waited to run or for the disk, over the last minute
 */
record Machine(long atNs, long busyNs, long stealNs, long ownNs, long flushes, double loadAverage) {
    private static final long TICK_NS = 10_000_000;
    private static final int FLUSHES_COLUMN = 18;

    static Machine now() {
        final OperatingSystemMXBean system =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        try (var lines = Files.lines(Path.of("/proc/stat"))) {
            // cpu user nice system idle iowait irq softirq steal
            final String[] ticks = lines.findFirst().orElseThrow().split(" +");
            final long busy = tick(ticks, 1) + tick(ticks, 2) + tick(ticks, 3) + tick(ticks, 6) + tick(ticks, 7);
            return new Machine(System.nanoTime(), busy * TICK_NS, tick(ticks, 8) * TICK_NS,
                system.getProcessCpuTime(), diskFlushes(), system.getSystemLoadAverage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long tick(String[] ticks, int column) {
        return Long.parseLong(ticks[column]);
    }

    private static long diskFlushes() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/diskstats"))) {
            return lines.map(line -> line.trim().split(" +"))
                .filter(columns -> columns.length > FLUSHES_COLUMN && Files.exists(Path.of("/sys/block", columns[2])))
                .mapToLong(columns -> Long.parseLong(columns[FLUSHES_COLUMN])).sum();
        }
    }
}
