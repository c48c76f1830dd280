package io.balsa.kv.cli;

import java.time.Duration;
import java.util.List;

import io.balsa.kv.KvClient;
import picocli.CommandLine.Option;

/** How a command that waits for a node's disk finds the cluster, and how long it waits. */
final class NodeOptions {
    private static final String CLUSTER = "--cluster";

    @Option(names = CLUSTER, split = ",", paramLabel = "HOST:PORT",
        defaultValue = "127.0.0.1:7400,127.0.0.1:7401,127.0.0.1:7402",
        description = "where clients reach the nodes (default: ${DEFAULT-VALUE})")
    private List<String> cluster;

    @Option(names = "--timeout", defaultValue = "10m", paramLabel = "TIME",
        description = "how long a node may take to write a snapshot, such as 30s or 10m (default: ${DEFAULT-VALUE})")
    private Duration timeout;

    List<String> cluster() {
        return checked(CLUSTER, cluster);
    }

    /** Understands every address, or says which it does not. */
    List<String> checked(String option, List<String> addresses) {
        try {
            KvClient.connect(addresses, timeout()).close();
            return addresses;
        } catch (final IllegalArgumentException e) {
            throw new UsageException(option + ": " + e.getMessage());
        }
    }

    Duration timeout() {
        if (timeout.isZero()) {
            throw new UsageException("--timeout: more than " + timeout.toMillis() + " ms");
        }
        return timeout;
    }
}
