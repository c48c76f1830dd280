package io.balsa.raft.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Servers 1 to n that talk to each other: a message takes one millisecond, a disk forces at the end of each. Those that
 * are cut off keep running and are neither heard nor hear.
 */
final class Cluster {
    private final Server[] servers;
    private final Set<Integer> cut = new HashSet<>();
    private final List<Server.Sent> underWay = new ArrayList<>();
    private Consumer<Server.Sent> tap = sent -> { };

    private Cluster(Server... servers) {
        this.servers = servers;
    }

    static Cluster of(Server... servers) {
        for (final Server server : servers) {
            server.of(servers.length).core();
        }
        return new Cluster(servers);
    }

    Server server(int id) {
        return servers[id - 1];
    }

    Cluster cut(int... ids) {
        Arrays.stream(ids).forEach(cut::add);
        return this;
    }

    Cluster join(int... ids) {
        Arrays.stream(ids).forEach(cut::remove);
        return this;
    }

    /** Shows every message that arrives. */
    Cluster watchedBy(Consumer<Server.Sent> watcher) {
        tap = watcher;
        return this;
    }

    Cluster runsFor(long millis) {
        for (long ms = 0; ms < millis; ms++) {
            step();
        }
        return this;
    }

    /** Runs on; returns how many milliseconds it took, or {@code atMostMs + 1} if it did not happen. */
    long runsUntil(BooleanSupplier happened, long atMostMs) {
        long ms = 0;
        while (!happened.getAsBoolean() && ms <= atMostMs) {
            step();
            ms++;
        }
        return ms;
    }

    private void step() {
        final List<Server.Sent> arriving = List.copyOf(underWay);
        underWay.clear();
        for (final Server server : servers) {
            final List<Message> heard = new ArrayList<>();
            for (final Server.Sent sent : arriving) {
                if (sent.to() == server.id && !cut.contains(server.id)) {
                    tap.accept(sent);
                    heard.add(sent.message());
                }
            }
            server.forgets().waits(1).hears(heard.toArray(Message[]::new)).persists();
            if (!cut.contains(server.id)) {
                underWay.addAll(server.outbox);
            }
        }
    }

    /** The leader of the highest term among those that are not cut off. */
    Optional<Server> leader() {
        return Arrays.stream(servers).filter(server -> !cut.contains(server.id) && server.is(Role.LEADER))
            .max((a, b) -> Long.compare(a.core().currentTerm(), b.core().currentTerm()));
    }
}
