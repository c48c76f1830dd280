package io.balsa.raft.testkit.lab;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

import io.balsa.raft.testkit.LabGroup;
import io.balsa.raft.testkit.LabGroup.Fork;
import io.balsa.raft.testkit.LabGroup.Started;
import io.balsa.raft.testkit.checks.Violation;

/** Lab 2C: what survives a crash, and what survives a bad network. */
public final class PersistenceLab {
    public static final LabScenario PERSISTENCE_1 =
        new LabScenario("2C-01", "basic persistence", 3, PersistenceLab::persistence1);
    public static final LabScenario PERSISTENCE_2 =
        new LabScenario("2C-02", "more persistence", 5, PersistenceLab::persistence2);
    public static final LabScenario PERSISTENCE_3 =
        new LabScenario("2C-03", "partitioned leader and one follower crash", 3, PersistenceLab::persistence3);
    public static final LabScenario FIGURE_8 = new LabScenario("2C-04", "Figure 8", 5, PersistenceLab::figure8);
    public static final LabScenario UNRELIABLE =
        new LabScenario("2C-05", "unreliable agreement", 5, PersistenceLab::unreliableAgreement);
    public static final LabScenario FIGURE_8_UNRELIABLE =
        new LabScenario("2C-06", "Figure 8 (unreliable)", 5, PersistenceLab::figure8Unreliable);
    public static final LabScenario CHURN =
        new LabScenario("2C-07", "churn", 5, tester -> churn(tester, false));
    public static final LabScenario CHURN_UNRELIABLE =
        new LabScenario("2C-08", "unreliable churn", 5, tester -> churn(tester, true));
    public static final List<LabScenario> ALL = List.of(PERSISTENCE_1, PERSISTENCE_2, PERSISTENCE_3, FIGURE_8,
        UNRELIABLE, FIGURE_8_UNRELIABLE, CHURN, CHURN_UNRELIABLE);

    private static final long ELECTION_MS = Tester.ELECTION_MS;
    private static final int NOBODY = -1;
    private static final int FIGURE_8_ROUNDS = 1_000;
    private static final int CHURN_CLIENTS = 3;
    private static final int[] CHURN_PAUSES_MS = {10, 20, 50, 100, 200};

    private PersistenceLab() {
    }

    private static void persistence1(Tester tester) {
        tester.one("11", 3, true);
        for (int server = 0; server < 3; server++) {
            tester.group().restart(server);
        }
        tester.connectAll();
        tester.one("12", 3, true);

        tester.rejoin(tester.oneLeader());
        tester.one("13", 3, true);

        final int leader = tester.oneLeader();
        tester.disconnect(leader);
        tester.one("14", 2, true);
        tester.rejoin(leader);
        tester.await(4, 3, OptionalLong.empty());

        final int follower = tester.after(tester.oneLeader(), 1);
        tester.disconnect(follower);
        tester.one("15", 2, true);
        tester.rejoin(follower);
        tester.one("16", 3, true);
    }

    private static void persistence2(Tester tester) {
        int command = 11;
        for (int i = 0; i < 5; i++) {
            tester.one(Integer.toString(command++), 5, true);
            final int leader = tester.oneLeader();
            final int[] others = IntStream.range(0, 5).map(steps -> tester.after(leader, steps)).toArray();

            tester.disconnect(others[1], others[2]);
            tester.one(Integer.toString(command++), 3, true);

            tester.disconnect(others[0], others[3], others[4]);
            tester.rejoin(others[1]);
            tester.rejoin(others[2]);
            tester.sleep(ELECTION_MS);
            tester.rejoin(others[3]);
            tester.one(Integer.toString(command++), 3, true);

            tester.connect(others[4], others[0]);
        }
        tester.one("1000", 5, true);
    }

    private static void persistence3(Tester tester) {
        tester.one("101", 3, true);
        final int leader = tester.oneLeader();
        final int second = tester.after(leader, 1);
        final int third = tester.after(leader, 2);

        tester.disconnect(third);
        tester.one("102", 2, true);
        tester.group().crash(leader);
        tester.group().crash(second);
        tester.connect(third);
        tester.rejoin(leader);
        tester.one("103", 2, true);

        tester.rejoin(second);
        tester.one("104", 3, true);
    }

    /** Leaders that write what others have not got, and crash. */
    private static void figure8(Tester tester) {
        final LabGroup group = tester.group();
        tester.one(tester.randomCommand(), 1, true);
        int up = 5;
        for (int i = 0; i < FIGURE_8_ROUNDS; i++) {
            final int leader = startEverywhere(tester);
            pauseAsInFigure8(tester);
            if (leader != NOBODY) {
                group.crash(leader);
                up--;
            }
            final int lucky = tester.random().nextInt(5);
            if (up < 3 && !group.isUp(lucky)) {
                tester.rejoin(lucky);
                up++;
            }
        }
        bringAllUp(tester);
        tester.one(tester.randomCommand(), 5, true);
    }

    /** Offers a command to every server that is up; returns the last connected one that took it. */
    private static int startEverywhere(Tester tester) {
        int leader = NOBODY;
        for (int server = 0; server < 5; server++) {
            final Started started = tester.start(server, tester.randomCommand());
            if (started.leader() && tester.group().isConnected(server)) {
                leader = server;
            }
        }
        return leader;
    }

    /** Mostly too short for anything to commit, sometimes long enough for an election. */
    private static void pauseAsInFigure8(Tester tester) {
        final boolean isLong = tester.random().nextInt(1_000) < 100;
        tester.sleep(tester.random().nextInt(isLong ? (int) ELECTION_MS / 2 : 13));
    }

    private static void bringAllUp(Tester tester) {
        for (int server = 0; server < 5; server++) {
            if (!tester.group().isUp(server)) {
                tester.group().restart(server);
            }
        }
        tester.connectAll();
    }

    private static void unreliableAgreement(Tester tester) {
        tester.group().setUnreliable(true);
        final List<Fork> clients = new ArrayList<>();
        for (int i = 1; i < 50; i++) {
            for (int client = 0; client < 4; client++) {
                final String command = Integer.toString(100 * i + client);
                clients.add(tester.group().fork("client " + command, () -> tester.one(command, 1, true)));
            }
            tester.one(Integer.toString(i), 1, true);
        }
        tester.group().setUnreliable(false);
        clients.forEach(Fork::join);
        tester.one("100", 5, true);
    }

    /** Leaders that write what others have not got, and are cut off; in the end the network is no better. */
    private static void figure8Unreliable(Tester tester) {
        final LabGroup group = tester.group();
        group.setUnreliable(true);
        tester.one(tester.randomCommand(), 1, true);
        int connected = 5;
        for (int i = 0; i < FIGURE_8_ROUNDS; i++) {
            if (i == 200) {
                group.setLongReordering(true);
            }
            final int leader = startEverywhere(tester);
            pauseAsInFigure8(tester);
            if (leader != NOBODY && tester.random().nextInt(1_000) < 500) {
                group.disconnect(leader);
                connected--;
            }
            final int lucky = tester.random().nextInt(5);
            if (connected < 3 && !group.isConnected(lucky)) {
                group.connect(lucky);
                connected++;
            }
        }
        tester.connectAll();
        tester.one(tester.randomCommand(), 5, true);
    }

    /** Servers come and go while clients work; what a client saw committed must be there in the end. */
    private static void churn(Tester tester, boolean unreliable) {
        tester.group().setUnreliable(unreliable);
        final Set<String> seen = ConcurrentHashMap.newKeySet();
        final AtomicBoolean stop = new AtomicBoolean();
        final List<Fork> clients = IntStream.range(0, CHURN_CLIENTS).mapToObj(client ->
            tester.group().fork("client " + client, () -> {
                while (!stop.get()) {
                    churnOnce(tester, client, seen);
                }
            })).toList();
        for (int i = 0; i < 20; i++) {
            strike(tester);
            tester.sleep(ELECTION_MS * 7 / 10);
        }
        tester.sleep(ELECTION_MS);
        tester.group().setUnreliable(false);
        bringAllUp(tester);
        stop.set(true);
        clients.forEach(Fork::join);
        tester.sleep(ELECTION_MS);

        final long last = tester.one(tester.randomCommand(), 5, true);
        final Set<String> kept = new HashSet<>();
        for (long index = 1; index <= last; index++) {
            kept.add(tester.await(index, 5, OptionalLong.empty()).orElseThrow());
        }
        seen.removeAll(kept);
        if (!seen.isEmpty()) {
            throw new Violation("lost: " + seen + " were seen committed and are in nobody's log");
        }
    }

    private static void strike(Tester tester) {
        final LabGroup group = tester.group();
        if (tester.random().nextInt(1_000) < 200) {
            group.disconnect(tester.random().nextInt(5));
        }
        if (tester.random().nextInt(1_000) < 500) {
            final int server = tester.random().nextInt(5);
            if (!group.isUp(server)) {
                group.restart(server);
            }
            group.connect(server);
        }
        if (tester.random().nextInt(1_000) < 200) {
            group.crash(tester.random().nextInt(5));
        }
    }

    private static void churnOnce(Tester tester, int client, Set<String> seen) {
        final String command = tester.randomCommand();
        Started taken = Started.REFUSED;
        for (int server = 0; server < 5; server++) {
            final Started started = tester.start(server, command);
            taken = started.leader() ? started : taken;
        }
        if (!taken.leader()) {
            tester.sleep(79 + 17L * client);
            return;
        }
        for (final int pause : CHURN_PAUSES_MS) {
            final AppliedLog.Applied there = tester.applied(taken.index());
            if (there.servers() > 0) {
                if (command.equals(there.command())) {
                    seen.add(command);
                }
                return;
            }
            tester.sleep(pause);
        }
    }
}
