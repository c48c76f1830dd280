package io.balsa.kv.cli;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.balsa.kv.KvClient;
import io.balsa.kv.KvException;

/** Finds out whether a cluster serves. */
final class ClusterProbe {
    private static final byte[] ANY_KEY = {};

    /** Who leads, and since which term. */
    record Leader(long id, long term) {
    }

    private final List<String> addresses;
    private final Duration timeout;

    ClusterProbe(ClusterLayout layout, Duration timeout) {
        this.addresses = IntStream.range(0, layout.nodes()).mapToObj(layout::respAddress).toList();
        this.timeout = timeout;
    }

    /** Reads through the cluster, then asks who answered: a leader that cannot serve reads is none yet. */
    Optional<Leader> askForLeader() throws InterruptedException {
        try (KvClient client = KvClient.connect(addresses, timeout)) {
            client.exists(ANY_KEY);
        } catch (final KvException e) {
            return Optional.empty();
        }
        return NodeStatus.ask(addresses, timeout).stream()
            .flatMap(ClusterProbe::leaderIn)
            .max(Comparator.comparingLong(Leader::term));
    }

    private static Stream<Leader> leaderIn(NodeStatus status) {
        return status instanceof NodeStatus.Answered answered && "leader".equals(answered.fields().get("role"))
            && answered.fields().get("id") instanceof Long id && answered.fields().get("term") instanceof Long term
            ? Stream.of(new Leader(id, term)) : Stream.empty();
    }
}
