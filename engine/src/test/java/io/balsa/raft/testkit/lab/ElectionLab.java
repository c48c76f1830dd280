package io.balsa.raft.testkit.lab;

import java.util.List;

import io.balsa.raft.testkit.checks.Violation;

/** Lab 2A: leader election. */
public final class ElectionLab {
    public static final LabScenario INITIAL =
        new LabScenario("2A-01", "initial election", 3, ElectionLab::initialElection);
    public static final LabScenario RE_ELECTION =
        new LabScenario("2A-02", "election after network failure", 3, ElectionLab::reElection);
    public static final LabScenario MANY =
        new LabScenario("2A-03", "multiple elections", 7, ElectionLab::manyElections);
    public static final List<LabScenario> ALL = List.of(INITIAL, RE_ELECTION, MANY);

    private ElectionLab() {
    }

    private static void initialElection(Tester tester) {
        tester.oneLeader();
        tester.sleep(50); // for all to learn of it
        final long term = tester.agreedTerm();
        if (term < 1) {
            throw new Violation("a leader was elected in term " + term);
        }
        tester.sleep(2 * Tester.ELECTION_MS);
        requireTerm(tester, term, "nothing had failed");
        tester.oneLeader();
    }

    private static void reElection(Tester tester) {
        final int first = tester.oneLeader();
        tester.disconnect(first);
        final int second = tester.oneLeader();
        final long term = tester.group().state(second).term();

        tester.connect(first);
        final int leader = tester.oneLeader();
        requireTerm(tester, term, "a former leader came back");
        if (leader != second) {
            throw new Violation("n" + first + " came back and n" + second + " no longer leads");
        }

        final int neighbour = tester.after(leader, 1);
        tester.disconnect(leader, neighbour);
        tester.sleep(2 * Tester.ELECTION_MS);
        tester.requireNoLeader();

        tester.connect(neighbour);
        tester.oneLeader();
        tester.connect(leader);
        tester.oneLeader();
    }

    private static void requireTerm(Tester tester, long term, String although) {
        final long now = tester.agreedTerm();
        if (now != term) {
            throw new Violation("the term went from " + term + " to " + now + ", although only " + although);
        }
    }

    private static void manyElections(Tester tester) {
        tester.oneLeader();
        for (int i = 0; i < 9; i++) {
            final int[] victims = tester.random().ints(3, 0, tester.size()).toArray();
            tester.disconnect(victims);
            tester.oneLeader(); // the old one or a new one
            tester.connect(victims);
        }
        tester.oneLeader();
    }
}
