package io.balsa.kv.labs;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.random.RandomGenerator;

import io.balsa.kv.SimClerk;
import io.balsa.kv.SimStore;
import io.balsa.kv.labs.StoreModel.Answer;
import io.balsa.kv.labs.StoreModel.Digest;
import io.balsa.raft.testkit.LabGroup.Fork;
import io.balsa.raft.testkit.checks.Violation;
import io.balsa.raft.testkit.linearizability.History;
import io.balsa.raft.testkit.linearizability.KeyValue;
import io.balsa.raft.testkit.linearizability.Recorder;

/** What the scenarios do with servers and clients. All that clients ask and are told is recorded. */
final class KvTester {
    /** The labs' bound of the log, in times of {@link KvScenario#maxRaftState}. */
    private static final int STATE_FACTOR = 8;
    /** They have no bound for a state of 1 byte, which is less than term and vote alone have: then that of this one. */
    private static final int SMALLEST_BOUNDED_STATE = 1_000;

    private final SimStore store;
    private final int maxRaftState;
    private final int maxPauseMs;
    private final Recorder<KeyValue.Request, Answer> recorder;

    /**
     * Makes it for one run.
     *
     * @param maxRaftState see {@link KvScenario#maxRaftState}
     * @param maxPauseMs how long clients may pause before an operation where a test has them go on and on
     */
    KvTester(SimStore store, int maxRaftState, int maxPauseMs) {
        this.store = store;
        this.maxRaftState = maxRaftState;
        this.maxPauseMs = maxPauseMs;
        this.recorder = new Recorder<>(store.lab()::nowNs);
    }

    SimStore store() {
        return store;
    }

    RandomGenerator random() {
        return store.lab().random();
    }

    void sleep(long ms) {
        store.lab().sleep(ms);
    }

    /** The calling client pauses. */
    void pause() {
        if (maxPauseMs > 0) {
            store.lab().scripts().sleepNs(random().nextLong(maxPauseMs * 1_000_000L));
        }
    }

    double nowMs() {
        return store.lab().nowMs();
    }

    Fork fork(String name, Runnable script) {
        return store.lab().fork(name, script);
    }

    History<KeyValue.Request, Answer> history() {
        return recorder.history();
    }

    /** @param servers that it can reach; all, if none is named */
    Client client(int id, int... servers) {
        return new Client(id, store.clerk(servers));
    }

    /** The server that leads the latest term. */
    int leader() {
        int leader = -1;
        long term = -1;
        for (int server = 0; server < store.lab().size(); server++) {
            if (store.lab().isUp(server) && store.lab().state(server).leader()
                && store.lab().state(server).term() > term) {
                leader = server;
                term = store.lab().state(server).term();
            }
        }
        if (leader < 0) {
            throw new Violation("nobody leads");
        }
        return leader;
    }

    /** What the labs look at when clients have come to an end: no server's log has grown far beyond the limit. */
    void requireSmallLogs() {
        for (int server = 0; server < store.lab().size() && maxRaftState >= 0; server++) {
            requireAtMost((long) STATE_FACTOR * Math.max(SMALLEST_BOUNDED_STATE, maxRaftState),
                store.lab().raftStateBytes(server), "bytes of Raft state on n" + server);
        }
    }

    /** Every server has taken snapshots by itself; or none, where the log has no limit. */
    void requireSnapshotsWhereLimited() {
        for (int server = 0; server < store.lab().size(); server++) {
            if (store.lab().snapshots(server).newest().isPresent() != maxRaftState >= 0) {
                throw new Violation("n" + server + (maxRaftState >= 0 ? " has no snapshot, though its log is limited"
                    : " has a snapshot, and nobody asked for one"));
            }
        }
    }

    static void requireAtMost(double limit, double actual, String what) {
        if (actual > limit) {
            throw new Violation(actual + " " + what + ", at most " + limit);
        }
    }

    void restartAll() {
        for (int server = 0; server < store.lab().size(); server++) {
            store.crash(server);
        }
        sleep(GenericLab.ELECTION_MS);
        for (int server = 0; server < store.lab().size(); server++) {
            store.restart(server);
        }
    }

    /** What a client appends as its n-th: unlike all else that anybody appends. */
    static String token(int client, int n) {
        return "x " + client + " " + n + " y";
    }

    /** All that a client appends as its first {@code count}. */
    static String tokens(int client, int count) {
        final StringBuilder tokens = new StringBuilder();
        for (int n = 0; n < count; n++) {
            tokens.append(token(client, n));
        }
        return tokens.toString();
    }

    /** Each of a client's first {@code count} tokens must be in the value, once, and in order. */
    static void requireTokens(String value, int client, int count) {
        int from = 0;
        for (int n = 0; n < count; n++) {
            final String token = token(client, n);
            final int at = value.indexOf(token, from);
            if (at < 0) {
                throw new Violation(value.contains(token) ? token + " is out of order in " + tail(value)
                    : token + " was appended and is not in " + tail(value));
            }
            from = at + token.length();
            if (value.indexOf(token, from) >= 0) {
                throw new Violation(token + " was appended once and is twice in " + tail(value));
            }
        }
    }

    private static void requireValue(CharSequence expected, String actual) {
        if (!actual.contentEquals(expected)) {
            throw new Violation("read \"" + tail(actual) + "\" (" + actual.length() + " characters), expected \""
                + tail(expected.toString()) + "\" (" + expected.length() + ")");
        }
    }

    private static String tail(String value) {
        final int length = value.length();
        return length <= 200 ? value : "..." + value.substring(length - 200);
    }

    /** Runs scripts side by side, one for each number, and waits for all of them. */
    void inParallel(int count, IntConsumer script) {
        final List<Fork> forks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            final int number = i;
            forks.add(fork("client " + number, () -> script.accept(number)));
        }
        forks.forEach(Fork::join);
    }

    /** A clerk whose operations are recorded. */
    final class Client {
        private final int id;
        private final SimClerk clerk;

        private Client(int id, SimClerk clerk) {
            this.id = id;
            this.clerk = clerk;
        }

        int id() {
            return id;
        }

        SimClerk clerk() {
            return clerk;
        }

        String get(String key) {
            final int operation = recorder.invoked(id, KeyValue.get(key));
            final String value = clerk.get(key);
            recorder.returned(operation, new Answer.Value(Digest.of(value)));
            return value;
        }

        void put(String key, String value) {
            final int operation = recorder.invoked(id, KeyValue.put(key, value));
            clerk.put(key, value);
            recorder.returned(operation, new Answer.Done());
        }

        void append(String key, String value) {
            final int operation = recorder.invoked(id, KeyValue.append(key, value));
            recorder.returned(operation, new Answer.Length(clerk.append(key, value)));
        }

        void requireGet(String key, CharSequence expected) {
            requireValue(expected, get(key));
        }
    }
}
