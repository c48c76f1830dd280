package io.balsa.kv.labs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

import io.balsa.kv.SimStore;
import io.balsa.raft.testkit.SimLab;
import io.balsa.raft.testkit.checks.Violation;
import io.balsa.raft.testkit.linearizability.History;
import io.balsa.raft.testkit.linearizability.KeyValue;
import io.balsa.raft.testkit.linearizability.LinearizabilityChecker;
import io.balsa.raft.testkit.linearizability.Verdict;

/** One scenario on simulated servers, under one seed; what its clients saw must be linearizable. */
final class KvLabRun {
    private static final int LARGER_BUDGETS = 3;
    private static final int BUDGET_FACTOR = 8;

    private final KvScenario scenario;
    private final long seed;
    private final boolean plainRaft;
    private final int maxPauseMs;

    /**
     * Makes it ready to be played.
     *
     * @param plainRaft  without PreVote and CheckQuorum: a leader that is cut off stays one until it hears of another,
     *                   and could serve old values for as long
     * @param maxPauseMs see {@link KvTester}
     */
    KvLabRun(KvScenario scenario, long seed, boolean plainRaft, int maxPauseMs) {
        this.scenario = scenario;
        this.seed = seed;
        this.plainRaft = plainRaft;
        this.maxPauseMs = maxPauseMs;
    }

    /** Plays it; throws {@link Violation} when a bound is missed or the history cannot be explained. */
    KvFigures play() {
        try (SimStore store = store(false)) {
            return play(store);
        }
    }

    /**
     * Plays it; when it breaks, tells its last events, and the command that does so again.
     *
     * @param profile for Maven and a space, or empty
     * @param test    that plays it
     */
    KvFigures playOrTell(String profile, String test) {
        try {
            return play();
        } catch (Violation broken) {
            throw new Violation(transcript() + "\nreplay: mvn -q -pl kv -am " + profile + "verify -Dtest=" + test
                + " -Dsurefire.failIfNoSpecifiedTests=false -Dpause=" + maxPauseMs + " -Dseed=" + seed, broken);
        }
    }

    /** Plays it again and tells its last events, whether it holds or not. */
    String transcript() {
        try (SimStore store = store(true)) {
            String end;
            try {
                end = "holds: " + play(store);
            } catch (Violation broken) {
                end = broken.getMessage();
            }
            return store.lab().transcript() + "\n\n" + end;
        }
    }

    /**
     * Every new leader begins with an entry of its own, as the product ships: a read must wait for one, and if nobody
     * writes there is no other (thesis §6.4).
     */
    private SimStore store(boolean transcribed) {
        return new SimStore(SimLab.Options.of(scenario.servers()).withPlainRaft(plainRaft).withNoOpPerTerm(true)
            .withSnapshotEveryBytes(Math.max(0, scenario.maxRaftState())), seed, transcribed);
    }

    private KvFigures play(SimStore store) {
        final KvTester tester = new KvTester(store, scenario.maxRaftState(), maxPauseMs);
        try {
            scenario.script().accept(tester);
            tester.requireSmallLogs();
            tester.requireSnapshotsWhereLimited();
            requireLinearizable(tester.history());
        } catch (RuntimeException | AssertionError broken) {
            throw new Violation(scenario + ", seed " + seed + ", at " + Math.round(store.lab().nowMs()) + " ms: "
                + store.lab().firstOf(broken).getMessage(), broken);
        }
        return new KvFigures(store.lab().nowMs() / 1e3, store.lab().requests() + store.calls(), store.operations());
    }

    /** What is unknown is looked at longer, and is no pass if it stays so. */
    private void requireLinearizable(History<KeyValue.Request, StoreModel.Answer> history) {
        final LinearizabilityChecker<StoreModel.Digest, KeyValue.Request, StoreModel.Answer> checker =
            LinearizabilityChecker.of(new StoreModel());
        Verdict verdict = checker.check(history);
        long budget = LinearizabilityChecker.DEFAULT_BUDGET;
        for (int i = 0; i < LARGER_BUDGETS && verdict instanceof Verdict.Unknown; i++) {
            budget *= BUDGET_FACTOR;
            verdict = checker.withBudget(budget).check(history);
        }
        if (verdict instanceof Verdict.NotLinearizable bad) {
            throw new Violation("what the clients saw has no explanation; drawn in " + draw(bad) + "\n" + bad);
        }
        verdict.require();
    }

    private Path draw(Verdict.NotLinearizable bad) {
        final Path page = Path.of("target", "not-linearizable-" + scenario.id() + "-seed-" + seed + ".html")
            .toAbsolutePath();
        try {
            Files.createDirectories(page.getParent());
            return Files.writeString(page, bad.window().html());
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
