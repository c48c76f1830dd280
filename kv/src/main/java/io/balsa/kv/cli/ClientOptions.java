package io.balsa.kv.cli;

import java.time.Duration;
import java.util.List;

import io.balsa.kv.KvClient;
import picocli.CommandLine.Option;

/** How a client command finds the cluster, and how long it may take. */
final class ClientOptions {
    @Option(names = "--cluster", split = ",", paramLabel = "HOST:PORT",
        defaultValue = "127.0.0.1:7400,127.0.0.1:7401,127.0.0.1:7402",
        description = "where clients reach the nodes; any of them is enough (default: ${DEFAULT-VALUE})")
    private List<String> cluster;

    @Option(names = "--timeout", defaultValue = "5s", paramLabel = "TIME",
        description = "how long to try, such as 500ms or 5s (default: ${DEFAULT-VALUE})")
    private Duration timeout;

    List<String> cluster() {
        connect().close(); // reaches out to nobody yet, but understands every address or says which it does not
        return cluster;
    }

    Duration timeout() {
        if (timeout.isZero()) {
            throw new UsageException("--timeout: more than " + timeout.toMillis() + " ms");
        }
        return timeout;
    }

    KvClient connect() {
        try {
            return KvClient.connect(cluster, timeout());
        } catch (final IllegalArgumentException e) {
            throw new UsageException("--cluster: " + e.getMessage());
        }
    }
}
