package io.balsa.kv.labs;

import io.balsa.kv.SimStore;
import io.balsa.raft.testkit.SimLab;
import io.balsa.raft.testkit.checks.Violation;

/** The labs' tests on what the store's snapshots are for, and on how large they are. */
final class SnapshotStoreLab {
    static final KvScenario INSTALL = new KvScenario("3B-01", "InstallSnapshot", 3, GenericLab.MAX_RAFT_STATE,
        SnapshotStoreLab::install);
    static final KvScenario SIZE = new KvScenario("3B-02", "snapshot size is reasonable", 3,
        GenericLab.MAX_RAFT_STATE, SnapshotStoreLab::size);

    static final int LARGEST_SNAPSHOT_BYTES = 500;
    private static final int PUTS = 50;
    private static final int ROUNDS = 200;
    private static final double SIZE_LIMIT_MS = 20_000;

    private SnapshotStoreLab() {
    }

    /** A server that was away while the others let go of their logs is needed for a majority. */
    private static void install(KvTester tester) {
        final KvTester.Client anywhere = tester.client(0);
        anywhere.put("a", "A");
        anywhere.requireGet("a", "A");

        isolate(tester, 2);
        final KvTester.Client without2 = tester.client(1, 0, 1);
        for (int n = 0; n < PUTS; n++) {
            without2.put(Integer.toString(n), Integer.toString(n));
        }
        tester.sleep(GenericLab.ELECTION_MS);
        without2.put("b", "B");
        tester.requireSmallLogs();
        requireSnapshot(tester, 0);
        requireSnapshot(tester, 1);

        isolate(tester, 1);
        final KvTester.Client without1 = tester.client(2, 0, 2);
        without1.put("c", "C");
        without1.put("d", "D");
        without1.requireGet("a", "A");
        without1.requireGet("b", "B");
        without1.requireGet("1", "1");
        without1.requireGet("49", "49");
        if (tester.store().lab().snapshotsReceived(2) == 0) {
            throw new Violation("n2 has caught up without a snapshot, though nobody has the log that it missed");
        }

        tester.store().heal();
        anywhere.put("e", "E");
        anywhere.requireGet("c", "C");
        anywhere.requireGet("e", "E");
        anywhere.requireGet("1", "1");
    }

    private static void isolate(KvTester tester, int server) {
        final boolean[] side = new boolean[tester.store().lab().size()];
        side[server] = true;
        tester.store().partition(side);
    }

    private static void requireSnapshot(KvTester tester, int server) {
        if (tester.store().lab().snapshots(server).newest().isEmpty()) {
            throw new Violation("n" + server + " has executed " + PUTS + " commands and taken no snapshot");
        }
    }

    /** One key that is written over and over. */
    private static void size(KvTester tester) {
        final double start = tester.nowMs();
        final KvTester.Client client = tester.client(0);
        for (int round = 0; round < ROUNDS; round++) {
            client.put("x", "0");
            client.requireGet("x", "0");
            client.put("x", "1");
            client.requireGet("x", "1");
        }
        for (int server = 0; server < tester.store().lab().size(); server++) {
            requireSnapshot(tester, server);
            KvTester.requireAtMost(LARGEST_SNAPSHOT_BYTES,
                tester.store().lab().snapshots(server).newest().orElseThrow().length(),
                "bytes in the snapshot of n" + server);
        }
        KvTester.requireAtMost(SIZE_LIMIT_MS, tester.nowMs() - start, "ms for " + 4 * ROUNDS + " operations");
    }

    /** What the store writes of itself at the end of 3B-02. */
    static byte[] stateAfterSize() {
        try (SimStore store = new SimStore(SimLab.Options.of(SIZE.servers()).withNoOpPerTerm(true)
            .withSnapshotEveryBytes(SIZE.maxRaftState()), 1, false)) {
            size(new KvTester(store, SIZE.maxRaftState(), 0));
            return store.lab().snapshots(0).newestState().orElseThrow();
        }
    }
}
