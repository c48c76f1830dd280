package io.balsa.benchmarks.rig;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** What was measured on. */
final class Surroundings {
    private Surroundings() {
    }

    static String describe(Plan plan) throws IOException {
        final FileStore disk = Files.getFileStore(plan.dir());
        return String.format(Locale.ROOT, "%s, %s, %d cores, %s %s, JDK %s, data on %s (%s), load %.1f at the start",
            Instant.now().truncatedTo(ChronoUnit.MINUTES), processor(), Runtime.getRuntime().availableProcessors(),
            System.getProperty("os.name"), System.getProperty("os.version"), System.getProperty("java.version"),
            disk.name(), disk.type(), ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }

    private static String processor() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name")).findFirst()
                .map(line -> line.substring(line.indexOf(':') + 1).trim()).orElse("unknown processor");
        }
    }
}
