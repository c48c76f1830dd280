package io.balsa.kv.labs;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.balsa.raft.testkit.LabGroup.Fork;

/**
 * The labs' generic test, in its variants: three rounds of five seconds in which clients put, append and get, each
 * under a key of its own or all under some, while servers are cut off from each other, or are all restarted between
 * rounds. In the end, and at each get of a key of one's own, the value must be what was appended: once, and in order.
 *
 * @param sharedKeys clients draw any of as many keys as there are clients; then only the recorded history can tell
 *                   whether what they read is right
 */
record GenericLab(int clients, boolean unreliable, boolean restarts, boolean partitions, boolean sharedKeys) {
    static final KvScenario BASIC = scenario("3A-01", "one client", 5, 1, false, false, false);
    static final KvScenario CONCURRENT = scenario("3A-02", "many clients", 5, 5, false, false, false);
    static final KvScenario UNRELIABLE = scenario("3A-03", "unreliable net, many clients", 5, 5, true, false, false);
    static final KvScenario PARTITIONS_ONE = scenario("3A-06", "partitions, one client", 5, 1, false, false, true);
    static final KvScenario PARTITIONS_MANY = scenario("3A-07", "partitions, many clients", 5, 5, false, false, true);
    static final KvScenario RESTARTS_ONE = scenario("3A-08", "restarts, one client", 5, 1, false, true, false);
    static final KvScenario RESTARTS_MANY = scenario("3A-09", "restarts, many clients", 5, 5, false, true, false);
    static final KvScenario RESTARTS_UNRELIABLE =
        scenario("3A-10", "unreliable net, restarts, many clients", 5, 5, true, true, false);
    static final KvScenario RESTARTS_PARTITIONS =
        scenario("3A-11", "restarts, partitions, many clients", 5, 5, false, true, true);
    static final KvScenario ALL_FAULTS =
        scenario("3A-12", "unreliable net, restarts, partitions, many clients", 5, 5, true, true, true);
    static final KvScenario LINEARIZABLE = new KvScenario("3A-13",
        "unreliable net, restarts, partitions, random keys, many clients", 7,
        new GenericLab(15, true, true, true, true)::play);

    /** The limit of a log in lab 3B. */
    static final int MAX_RAFT_STATE = 1_000;
    static final KvScenario SNAPSHOTS_RESTARTS_ONE = withSnapshots("3B-03", RESTARTS_ONE);
    static final KvScenario SNAPSHOTS_RESTARTS_MANY =
        withSnapshots("3B-04", scenario("3B-04", "restarts, twenty clients", 5, 20, false, true, false));
    static final KvScenario SNAPSHOTS_UNRELIABLE = withSnapshots("3B-05", UNRELIABLE);
    static final KvScenario SNAPSHOTS_RESTARTS_UNRELIABLE = withSnapshots("3B-06", RESTARTS_UNRELIABLE);
    static final KvScenario SNAPSHOTS_ALL_FAULTS = withSnapshots("3B-07", ALL_FAULTS);
    static final KvScenario SNAPSHOTS_LINEARIZABLE = withSnapshots("3B-08", LINEARIZABLE);

    /** What the course takes an election to last at most where nothing stands in its way. */
    static final long ELECTION_MS = 1_000;
    private static final int ROUNDS = 3;
    private static final long ROUND_MS = 5_000;
    private static final int PARTITION_JITTER_MS = 200;

    private static KvScenario scenario(String id, String name, int servers, int clients, boolean unreliable,
                                       boolean restarts, boolean partitions) {
        return new KvScenario(id, name, servers,
            new GenericLab(clients, unreliable, restarts, partitions, false)::play);
    }

    private static KvScenario withSnapshots(String id, KvScenario scenario) {
        return scenario.withMaxRaftState(id, MAX_RAFT_STATE);
    }

    private void play(KvTester tester) {
        tester.store().lab().setUnreliable(unreliable);
        final KvTester.Client reader = tester.client(clients);
        for (int round = 0; round < ROUNDS; round++) {
            round(tester, reader);
        }
    }

    private void round(KvTester tester, KvTester.Client reader) {
        final Round round = new Round(tester);
        final Optional<Fork> partitioner;
        if (partitions) {
            tester.sleep(ELECTION_MS);
            partitioner = Optional.of(tester.fork("partitioner", round::partition));
        } else {
            partitioner = Optional.empty();
        }
        tester.sleep(ROUND_MS);
        round.over = true;
        if (partitioner.isPresent()) {
            partitioner.get().join();
            tester.store().heal();
            tester.sleep(ELECTION_MS);
        }
        if (restarts) {
            tester.restartAll();
        }
        round.forks.forEach(Fork::join);
        for (int client = 0; client < clients && !sharedKeys; client++) {
            reader.requireGet(Integer.toString(client), KvTester.tokens(client, round.appended[client]));
        }
        tester.requireSmallLogs();
    }

    /** Clients live for one round. */
    private final class Round {
        private final KvTester tester;
        private final int[] appended = new int[clients];
        private final List<Fork> forks = new ArrayList<>();
        private boolean over;

        private Round(KvTester tester) {
            this.tester = tester;
            for (int client = 0; client < appended.length; client++) {
                final KvTester.Client each = tester.client(client);
                forks.add(tester.fork("client " + client, () -> {
                    if (sharedKeys) {
                        useAnyKey(each);
                    } else {
                        useOwnKey(each);
                    }
                    each.clerk().close();
                }));
            }
        }

        private void useOwnKey(KvTester.Client client) {
            final String key = Integer.toString(client.id());
            final StringBuilder expected = new StringBuilder();
            client.put(key, "");
            while (!over) {
                pause();
                if (tester.random().nextInt(1_000) < 500) {
                    final String token = KvTester.token(client.id(), appended[client.id()]++);
                    client.append(key, token);
                    expected.append(token);
                } else {
                    client.requireGet(key, expected);
                }
            }
        }

        private void useAnyKey(KvTester.Client client) {
            for (int n = 0; !over; n++) {
                pause();
                final String key = Integer.toString(tester.random().nextInt(appended.length));
                final String token = KvTester.token(client.id(), n);
                final int dice = tester.random().nextInt(1_000);
                if (dice < 500) {
                    client.append(key, token);
                } else if (dice < 550) {
                    client.put(key, token);
                } else {
                    client.get(key);
                }
            }
        }

        /** On a bad network they have to wait anyway. */
        private void pause() {
            if (!unreliable) {
                tester.pause();
            }
        }

        private void partition() {
            final boolean[] side = new boolean[tester.store().lab().size()];
            while (!over) {
                for (int server = 0; server < side.length; server++) {
                    side[server] = tester.random().nextBoolean();
                }
                tester.store().partition(side);
                tester.sleep(ELECTION_MS + tester.random().nextInt(PARTITION_JITTER_MS));
            }
        }
    }
}
