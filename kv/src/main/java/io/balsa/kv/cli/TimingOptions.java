package io.balsa.kv.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import picocli.CommandLine.Option;

/** How fast a group notices a dead leader; equal on all nodes. */
final class TimingOptions {
    @Option(names = "--election-timeout", paramLabel = "TIME",
        description = "T, such as 300ms: a node that hears no leader campaigns after a time drawn from T to 2T")
    private Duration electionTimeout;

    @Option(names = "--heartbeat", paramLabel = "TIME",
        description = "how often a leader with nothing to say is heard, at most a third of --election-timeout")
    private Duration heartbeat;

    Duration electionTimeoutOr(Duration otherwise) {
        return electionTimeout == null ? otherwise : electionTimeout;
    }

    Duration heartbeatOr(Duration otherwise) {
        return heartbeat == null ? otherwise : heartbeat;
    }

    /** The same options for another process. */
    List<String> asArguments() {
        final List<String> arguments = new ArrayList<>();
        if (electionTimeout != null) {
            arguments.addAll(List.of("--election-timeout", electionTimeout.toMillis() + "ms"));
        }
        if (heartbeat != null) {
            arguments.addAll(List.of("--heartbeat", heartbeat.toMillis() + "ms"));
        }
        return arguments;
    }
}
