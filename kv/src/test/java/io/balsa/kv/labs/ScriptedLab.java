package io.balsa.kv.labs;

import java.util.stream.IntStream;

import io.balsa.raft.testkit.LabGroup.Fork;
import io.balsa.raft.testkit.checks.Violation;

/** The labs' tests on the store that have steps of their own. */
final class ScriptedLab {
    static final KvScenario ONE_KEY = new KvScenario("3A-04", "concurrent appends to one key", 3, ScriptedLab::oneKey);
    static final KvScenario ONE_PARTITION =
        new KvScenario("3A-05", "progress in the majority, none in the minority", 5, ScriptedLab::onePartition);
    static final KvScenario SPEED = new KvScenario("3A-14", "operations are fast enough", 3, ScriptedLab::speed);

    private static final int SPEED_APPENDS = 1_000;
    /** Three operations in the time of a heartbeat. */
    private static final double SPEED_LIMIT_MS = 100.0 / 3;

    private ScriptedLab() {
    }

    private static void oneKey(KvTester tester) {
        tester.store().lab().setUnreliable(true);
        final KvTester.Client reader = tester.client(5);
        reader.put("k", "");
        tester.inParallel(5, id -> {
            final KvTester.Client client = tester.client(id);
            for (int n = 0; n < 10; n++) {
                client.append("k", KvTester.token(id, n));
            }
        });
        final String value = reader.get("k");
        int length = 0;
        for (int id = 0; id < 5; id++) {
            KvTester.requireTokens(value, id, 10);
            length += KvTester.tokens(id, 10).length();
        }
        if (value.length() != length) {
            throw new Violation("50 appends have " + length + " characters, the value has " + value.length());
        }
    }

    private static void onePartition(KvTester tester) {
        final KvTester.Client anywhere = tester.client(0);
        anywhere.put("1", "13");
        final int leader = tester.leader();
        final int[] minority = {leader, (leader + 1) % 5};
        final int[] majority = IntStream.range(2, 5).map(steps -> (leader + steps) % 5).toArray();
        final boolean[] side = new boolean[5];
        for (final int server : minority) {
            side[server] = true;
        }
        tester.store().partition(side);

        final KvTester.Client inMajority = tester.client(1, majority);
        inMajority.put("1", "14");
        inMajority.requireGet("1", "14");

        final KvTester.Client writer = tester.client(2, minority);
        final KvTester.Client reader = tester.client(3, minority);
        final double[] endedMs = new double[2];
        final Fork put = tester.fork("put in the minority", () -> {
            writer.put("1", "15");
            endedMs[0] = tester.nowMs();
        });
        final Fork get = tester.fork("get in the minority", () -> {
            reader.get("1");
            endedMs[1] = tester.nowMs();
        });
        tester.sleep(1_000);
        requireOpen(endedMs[0], "put");
        requireOpen(endedMs[1], "get");
        inMajority.requireGet("1", "14");
        inMajority.put("1", "16");
        inMajority.requireGet("1", "16");
        requireOpen(endedMs[0], "put");
        requireOpen(endedMs[1], "get");

        tester.store().heal();
        final double healedMs = tester.nowMs();
        writer.clerk().reach();
        reader.clerk().reach();
        tester.sleep(1_000);
        put.join();
        get.join();
        KvTester.requireAtMost(3_000, endedMs[0] - healedMs, "ms from the heal to the end of the put");
        KvTester.requireAtMost(3_000, endedMs[1] - healedMs, "ms from the heal to the end of the get");
        anywhere.requireGet("1", "15");
    }

    private static void requireOpen(double endedMs, String operation) {
        if (endedMs != 0) {
            throw new Violation("a " + operation + " in the minority ended at " + Math.round(endedMs)
                + " ms, before the heal");
        }
    }

    private static void speed(KvTester tester) {
        final KvTester.Client client = tester.client(0);
        client.requireGet("x", ""); // once it is answered, somebody leads
        final double start = tester.nowMs();
        for (int n = 0; n < SPEED_APPENDS; n++) {
            client.append("x", KvTester.token(0, n));
        }
        final double each = (tester.nowMs() - start) / SPEED_APPENDS;
        client.requireGet("x", KvTester.tokens(0, SPEED_APPENDS));
        KvTester.requireAtMost(SPEED_LIMIT_MS, each, "ms for an operation");
    }
}
