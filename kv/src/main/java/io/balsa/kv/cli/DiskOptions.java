package io.balsa.kv.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.balsa.kv.KvNode.DiskUse;
import picocli.CommandLine.Option;

/** What a node does with its disk. */
final class DiskOptions {
    @Option(names = "--snapshot-every", paramLabel = "SIZE",
        description = "write the state down when so many bytes were applied since the last time, and let the log "
            + "before it go; 0: only when asked to (default: 256MiB)")
    private ByteSize snapshotEvery;

    @Option(names = "--keep-log", paramLabel = "SIZE",
        description = "how much of the log before the newest snapshot to keep for nodes that lag behind (default: "
            + "64MiB)")
    private ByteSize keepLog;

    @Option(names = "--log-segment", paramLabel = "SIZE",
        description = "one file of the log, allocated ahead: 16MiB to 1GiB, a power of two (default: 64MiB)")
    private ByteSize logSegment;

    @Option(names = "--disk-stall-timeout", paramLabel = "TIME",
        description = "a leader whose own disk made nothing durable for so long steps down (default: 5s)")
    private Duration diskStallTimeout;

    DiskUse or(DiskUse defaults) {
        return new DiskUse(bytes(snapshotEvery, defaults.snapshotEvery()), bytes(keepLog, defaults.keepLog()),
            Math.toIntExact(Math.min(bytes(logSegment, defaults.logSegment()), Integer.MAX_VALUE)),
            diskStallTimeout == null ? defaults.stallTimeout() : diskStallTimeout);
    }

    private static long bytes(ByteSize size, long otherwise) {
        return size == null ? otherwise : size.bytes();
    }

    /** The same options for another process. */
    List<String> asArguments() {
        final List<String> arguments = new ArrayList<>();
        add(arguments, "--snapshot-every", snapshotEvery);
        add(arguments, "--keep-log", keepLog);
        add(arguments, "--log-segment", logSegment);
        add(arguments, "--disk-stall-timeout", diskStallTimeout == null ? null : diskStallTimeout.toMillis() + "ms");
        return arguments;
    }

    private static void add(List<String> arguments, String option, Object value) {
        if (value != null) {
            arguments.add(option);
            arguments.add(value.toString());
        }
    }
}
