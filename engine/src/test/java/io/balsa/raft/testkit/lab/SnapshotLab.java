package io.balsa.raft.testkit.lab;

import java.util.List;
import java.util.function.Consumer;

import io.balsa.raft.testkit.checks.Violation;

/** Lab 2D: snapshots in the place of the log's front. */
public final class SnapshotLab {
    public static final LabScenario BASIC = scenario("2D-01", "snapshots basic", SnapshotLab::basic);
    public static final LabScenario INSTALL_DISCONNECT =
        scenario("2D-02", "install snapshots (disconnect)", tester -> install(tester, Away.DISCONNECTED));
    public static final LabScenario INSTALL_DISCONNECT_UNRELIABLE =
        scenario("2D-03", "install snapshots (disconnect, unreliable)", tester -> {
            tester.group().setUnreliable(true);
            install(tester, Away.DISCONNECTED);
        });
    public static final LabScenario INSTALL_CRASH =
        scenario("2D-04", "install snapshots (crash)", tester -> install(tester, Away.CRASHED));
    public static final LabScenario INSTALL_CRASH_UNRELIABLE =
        scenario("2D-05", "install snapshots (crash, unreliable)", tester -> {
            tester.group().setUnreliable(true);
            install(tester, Away.CRASHED);
        });
    public static final LabScenario ALL_CRASH =
        scenario("2D-06", "crash and restart all servers", SnapshotLab::allCrash);
    public static final LabScenario INIT = scenario("2D-07", "snapshot initialization after crash", SnapshotLab::init);
    public static final List<LabScenario> ALL = List.of(BASIC, INSTALL_DISCONNECT, INSTALL_DISCONNECT_UNRELIABLE,
        INSTALL_CRASH, INSTALL_CRASH_UNRELIABLE, ALL_CRASH, INIT);

    private static final int SERVERS = 3;
    private static final int ROUNDS = 30;
    private static final int CRASHES = 5;
    private static final int LARGEST_STATE_BYTES = 2_000;

    /** How a server is kept from the others. */
    private enum Away {
        DISCONNECTED, CRASHED
    }

    private SnapshotLab() {
    }

    private static LabScenario scenario(String id, String name, Consumer<Tester> script) {
        return new LabScenario(id, name, SERVERS, true, script);
    }

    /** Snapshots are taken everywhere, and nobody falls so far behind that it needs another's. */
    private static void basic(Tester tester) {
        tester.one(tester.randomCommand(), SERVERS, true);
        final int leader = tester.oneLeader();
        for (int round = 0; round < ROUNDS; round++) {
            startSome(tester, round % 3 == 1 ? tester.after(leader, 1) : leader);
            tester.one(tester.randomCommand(), SERVERS, true);
            requireSmallState(tester);
        }
        final long received = tester.snapshotsReceived();
        if (received > 0) {
            throw new Violation(received + " snapshots were sent, though nobody was away");
        }
    }

    /** One server is away while the others get so far that their logs do not reach back to it. */
    private static void install(Tester tester, Away away) {
        tester.one(tester.randomCommand(), SERVERS, true);
        int leader = tester.oneLeader();
        for (int round = 0; round < ROUNDS; round++) {
            final int other = tester.after(leader, 1);
            final int victim = round % 3 == 1 ? leader : other;
            switch (away) {
                case DISCONNECTED -> tester.disconnect(victim);
                case CRASHED -> tester.group().crash(victim);
            }
            tester.one(tester.randomCommand(), SERVERS - 1, true);
            startSome(tester, round % 3 == 1 ? other : leader);
            tester.one(tester.randomCommand(), SERVERS - 1, true);
            requireSmallState(tester);
            switch (away) {
                case DISCONNECTED -> tester.connect(victim);
                case CRASHED -> tester.rejoin(victim);
            }
            tester.one(tester.randomCommand(), SERVERS, true);
            leader = tester.oneLeader();
        }
    }

    private static void startSome(Tester tester, int server) {
        final int count = drawCount(tester);
        for (int i = 0; i < count; i++) {
            tester.start(server, tester.randomCommand());
        }
    }

    /** About as many commands as lie between two snapshots. */
    private static int drawCount(Tester tester) {
        return SnapshottingService.INTERVAL / 2 + tester.random().nextInt(SnapshottingService.INTERVAL);
    }

    private static void requireSmallState(Tester tester) {
        final long bytes = tester.largestRaftState();
        if (bytes >= LARGEST_STATE_BYTES) {
            throw new Violation("a server's Raft state has " + bytes + " bytes, they must be less than "
                + LARGEST_STATE_BYTES);
        }
    }

    private static void allCrash(Tester tester) {
        tester.one(tester.randomCommand(), SERVERS, true);
        for (int i = 0; i < CRASHES; i++) {
            final int count = drawCount(tester);
            for (int n = 0; n < count; n++) {
                tester.one(tester.randomCommand(), SERVERS, true);
            }
            final long before = tester.one(tester.randomCommand(), SERVERS, true);
            crashAll(tester);
            final long after = tester.one(tester.randomCommand(), SERVERS, true);
            if (after <= before) {
                throw new Violation("a command is at index " + after + ", after a crash of all that had " + before);
            }
        }
    }

    /** What is saved after a restart must not take the place of the snapshot from before it. */
    private static void init(Tester tester) {
        for (int n = 0; n < SnapshottingService.INTERVAL + 2; n++) {
            tester.one(tester.randomCommand(), SERVERS, true);
        }
        for (int i = 0; i < 2; i++) {
            crashAll(tester);
            tester.one(tester.randomCommand(), SERVERS, true);
        }
    }

    private static void crashAll(Tester tester) {
        for (int server = 0; server < SERVERS; server++) {
            tester.group().crash(server);
        }
        for (int server = 0; server < SERVERS; server++) {
            tester.rejoin(server);
        }
    }
}
