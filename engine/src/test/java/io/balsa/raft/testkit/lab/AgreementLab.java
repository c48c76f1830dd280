package io.balsa.raft.testkit.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;

import io.balsa.raft.testkit.LabGroup.Fork;
import io.balsa.raft.testkit.LabGroup.Started;
import io.balsa.raft.testkit.checks.Violation;

/** Lab 2B: the log. */
public final class AgreementLab {
    public static final LabScenario BASIC = new LabScenario("2B-01", "basic agreement", 3, AgreementLab::basic);
    public static final LabScenario BYTES = new LabScenario("2B-02", "RPC byte count", 3, AgreementLab::byteCount);
    public static final LabScenario FOLLOWER_FAILURE =
        new LabScenario("2B-03", "progressive failure of followers", 3, AgreementLab::followerFailure);
    public static final LabScenario LEADER_FAILURE =
        new LabScenario("2B-04", "failure of leaders", 3, AgreementLab::leaderFailure);
    public static final LabScenario FAIL_AGREE =
        new LabScenario("2B-05", "agreement after follower reconnects", 3, AgreementLab::failAgree);
    public static final LabScenario FAIL_NO_AGREE =
        new LabScenario("2B-06", "no agreement if too many followers disconnect", 5, AgreementLab::failNoAgree);
    public static final LabScenario CONCURRENT_STARTS =
        new LabScenario("2B-07", "concurrent Start()s", 3, AgreementLab::concurrentStarts);
    public static final LabScenario REJOIN =
        new LabScenario("2B-08", "rejoin of partitioned leader", 3, AgreementLab::rejoin);
    public static final LabScenario BACKUP =
        new LabScenario("2B-09", "leader backs up quickly over incorrect follower logs", 5, AgreementLab::backup);
    public static final LabScenario COUNTS =
        new LabScenario("2B-10", "RPC counts aren't too high", 3, AgreementLab::rpcCounts);
    public static final List<LabScenario> ALL = List.of(BASIC, BYTES, FOLLOWER_FAILURE, LEADER_FAILURE, FAIL_AGREE,
        FAIL_NO_AGREE, CONCURRENT_STARTS, REJOIN, BACKUP, COUNTS);

    private static final long ELECTION_MS = Tester.ELECTION_MS;
    private static final int TRIES = 5;
    private static final long BETWEEN_TRIES_MS = 3_000;

    private AgreementLab() {
    }

    private static void basic(Tester tester) {
        for (int index = 1; index <= 3; index++) {
            tester.requireNobodyApplied(index);
            requireIndex(index, tester.one(Integer.toString(100 * index), 3, false));
        }
    }

    private static void byteCount(Tester tester) {
        tester.one("99", 3, false);
        final long before = tester.group().bytes();
        for (int index = 2; index <= 11; index++) {
            final String command = IntStream.range(0, 5_000).mapToObj(i -> (char) ('a' + tester.random().nextInt(26)))
                .collect(StringBuilder::new, StringBuilder::append, StringBuilder::append).toString();
            requireIndex(index, tester.one(command, 3, false));
        }
        requireAtMost(3 * 50_000 + 50_000, tester.group().bytes() - before, "bytes for ten commands of 5000");
    }

    private static void followerFailure(Tester tester) {
        tester.one("101", 3, false);
        tester.disconnect(tester.after(tester.oneLeader(), 1));
        tester.one("102", 2, false);
        tester.sleep(ELECTION_MS);
        tester.one("103", 2, false);

        final int leader = tester.oneLeader();
        tester.disconnect(tester.after(leader, 1), tester.after(leader, 2));
        final Started started = tester.start(leader, "104");
        if (!started.leader()) {
            throw new Violation("n" + leader + " refused a command in the moment it was left alone");
        }
        requireIndex(4, started.index());
        tester.sleep(2 * ELECTION_MS);
        tester.requireNobodyApplied(4);
    }

    private static void leaderFailure(Tester tester) {
        tester.one("101", 3, false);
        tester.disconnect(tester.oneLeader());
        tester.one("102", 2, false);
        tester.sleep(ELECTION_MS);
        tester.one("103", 2, false);

        tester.disconnect(tester.oneLeader());
        for (int server = 0; server < 3; server++) {
            tester.start(server, "104");
        }
        tester.sleep(2 * ELECTION_MS);
        tester.requireNobodyApplied(4);
    }

    private static void failAgree(Tester tester) {
        tester.one("101", 3, false);
        final int follower = tester.after(tester.oneLeader(), 1);
        tester.disconnect(follower);
        tester.one("102", 2, false);
        tester.one("103", 2, false);
        tester.sleep(ELECTION_MS);
        tester.one("104", 2, false);
        tester.one("105", 2, false);

        tester.connect(follower);
        tester.one("106", 3, true);
        tester.sleep(ELECTION_MS);
        tester.one("107", 3, true);
    }

    private static void failNoAgree(Tester tester) {
        tester.one("10", 5, false);
        final int leader = tester.oneLeader();
        final int[] followers = {tester.after(leader, 1), tester.after(leader, 2), tester.after(leader, 3)};
        tester.disconnect(followers);
        final Started alone = tester.start(leader, "20");
        if (!alone.leader()) {
            throw new Violation("n" + leader + " refused a command in the moment its followers went");
        }
        requireIndex(2, alone.index());
        tester.sleep(2 * ELECTION_MS);
        tester.requireNobodyApplied(2);

        tester.connect(followers);
        final int next = tester.oneLeader();
        final Started again = tester.start(next, "30");
        if (!again.leader() || again.index() < 2 || again.index() > 3) {
            throw new Violation("n" + next + " was to take a command at index 2 or 3, it answered " + again);
        }
        tester.one("1000", 5, true);
    }

    private static void concurrentStarts(Tester tester) {
        for (int i = 0; i < TRIES; i++) {
            if (i > 0) {
                tester.sleep(BETWEEN_TRIES_MS);
            }
            final int leader = tester.oneLeader();
            final Started first = tester.start(leader, "1");
            if (first.leader() && haveBeenStartedTogether(tester, leader, first.term())) {
                return;
            }
        }
        throw new Violation("the term changed too often");
    }

    /** Five at once; false when the term moved on meanwhile, which proves nothing. */
    private static boolean haveBeenStartedTogether(Tester tester, int leader, long term) {
        final List<Started> answers = new ArrayList<>();
        final List<Fork> forks = IntStream.range(0, 5).mapToObj(client -> tester.group().fork("client " + client,
            () -> {
                final Started started = tester.start(leader, Integer.toString(100 + client));
                synchronized (answers) {
                    answers.add(started);
                }
            })).toList();
        forks.forEach(Fork::join);
        if (!answers.stream().allMatch(answer -> answer.leader() && answer.term() == term)) {
            return false;
        }
        final List<String> commands = new ArrayList<>();
        for (final Started answer : answers) {
            final Optional<String> command = tester.await(answer.index(), 3, OptionalLong.of(term));
            if (command.isEmpty()) {
                return false;
            }
            commands.add(command.get());
        }
        if (!commands.containsAll(List.of("100", "101", "102", "103", "104"))) {
            throw new Violation("of five concurrent commands only " + commands + " were committed");
        }
        return true;
    }

    private static void rejoin(Tester tester) {
        tester.one("101", 3, true);
        final int first = tester.oneLeader();
        tester.disconnect(first);
        for (int command = 102; command <= 104; command++) {
            tester.start(first, Integer.toString(command));
        }
        tester.one("103", 2, true);

        final int second = tester.oneLeader();
        tester.disconnect(second);
        tester.connect(first);
        tester.one("104", 2, true);

        tester.connect(second);
        tester.one("105", 3, true);
        if (tester.commits() != 4) {
            throw new Violation("101, 103, 104 and 105 need 4 indexes, " + tester.commits() + " were committed");
        }
    }

    private static void backup(Tester tester) {
        tester.one(tester.randomCommand(), 5, true);

        final int first = tester.oneLeader();
        final int[] others = {tester.after(first, 2), tester.after(first, 3), tester.after(first, 4)};
        tester.disconnect(others);
        startMany(tester, first);
        tester.sleep(ELECTION_MS / 2);

        tester.disconnect(first, tester.after(first, 1));
        tester.connect(others);
        commitMany(tester);

        final int second = tester.oneLeader();
        final int left = second == others[0] ? others[1] : others[0];
        tester.disconnect(left);
        startMany(tester, second);
        tester.sleep(ELECTION_MS / 2);

        for (int server = 0; server < 5; server++) {
            tester.disconnect(server);
        }
        tester.connect(first, tester.after(first, 1), left);
        commitMany(tester);

        tester.connectAll();
        tester.one(tester.randomCommand(), 5, true);
    }

    private static void startMany(Tester tester, int leader) {
        for (int i = 0; i < 50; i++) {
            tester.start(leader, tester.randomCommand());
        }
    }

    private static void commitMany(Tester tester) {
        for (int i = 0; i < 50; i++) {
            tester.one(tester.randomCommand(), 3, true);
        }
    }

    private static void rpcCounts(Tester tester) {
        tester.oneLeader();
        final long election = tester.received();
        requireAtMost(30, election, "requests to elect a leader");
        if (election < 1) {
            throw new Violation("a leader was elected without a single request");
        }
        for (int i = 0; i < TRIES; i++) {
            if (i > 0) {
                tester.sleep(BETWEEN_TRIES_MS);
            }
            final int leader = tester.oneLeader();
            final long before = tester.received();
            if (hasAgreedInOneTerm(tester, leader)) {
                final long after = tester.received();
                requireAtMost((10 + 1 + 3) * 3, after - before, "requests for 12 commands");
                tester.sleep(ELECTION_MS);
                requireAtMost(3 * 20, tester.received() - after, "requests in an idle second");
                return;
            }
        }
        throw new Violation("the term changed too often");
    }

    /** Twelve commands back to back; false when the term moved on meanwhile, which proves nothing. */
    private static boolean hasAgreedInOneTerm(Tester tester, int leader) {
        final Started first = tester.start(leader, "1");
        if (!first.leader()) {
            return false;
        }
        final List<String> commands = new ArrayList<>();
        for (int i = 1; i <= 11; i++) {
            commands.add(tester.randomCommand());
            final Started started = tester.start(leader, commands.get(i - 1));
            if (!started.leader() || started.term() != first.term()) {
                return false;
            }
            requireIndex(first.index() + i, started.index());
        }
        for (int i = 1; i <= 10; i++) {
            final Optional<String> command = tester.await(first.index() + i, 3, OptionalLong.of(first.term()));
            if (command.isEmpty()) {
                return false;
            }
            if (!command.get().equals(commands.get(i - 1))) {
                throw new Violation("index " + (first.index() + i) + " holds " + command.get() + ", started there was "
                    + commands.get(i - 1));
            }
        }
        return !tester.someoneIsBeyond(first.term());
    }

    private static void requireIndex(long expected, long actual) {
        if (actual != expected) {
            throw new Violation("a command is at index " + actual + ", it belongs at " + expected);
        }
    }

    private static void requireAtMost(long limit, long actual, String what) {
        if (actual > limit) {
            throw new Violation(actual + " " + what + ", at most " + limit);
        }
    }
}
