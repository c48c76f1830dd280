package io.balsa.raft.linearizability;

import static io.balsa.raft.testkit.linearizability.KeyValue.append;
import static io.balsa.raft.testkit.linearizability.KeyValue.get;
import static io.balsa.raft.testkit.linearizability.KeyValue.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

import io.balsa.raft.testkit.checks.Violation;
import io.balsa.raft.testkit.linearizability.History;
import io.balsa.raft.testkit.linearizability.KeyValue;
import io.balsa.raft.testkit.linearizability.LinearizabilityChecker;
import io.balsa.raft.testkit.linearizability.Verdict;
import org.junit.jupiter.api.Test;

/** What a check may cost, and what is said when it costs more. */
final class LinearizabilityCheckerTest {
    private static final LinearizabilityChecker<String, KeyValue.Request, String> CHECKER =
        LinearizabilityChecker.of(new KeyValue());

    @Test
    void anOverrunBudgetIsUnknownAndNoPass() {
        final Verdict verdict = CHECKER.withBudget(10_000).check(hard(12));
        final Verdict.Unknown unknown = assertInstanceOf(Verdict.Unknown.class, verdict);
        assertEquals("k: more than 10000 configurations; raise the budget, or record fewer operations under way at "
            + "once", unknown.reason());
        assertThrows(Violation.class, verdict::require);
    }

    @Test
    void theSameHistoryIsDecidedWithMoreBudget() {
        assertInstanceOf(Verdict.Unknown.class, CHECKER.withBudget(100).check(hard(5)));
        assertInstanceOf(Verdict.NotLinearizable.class, CHECKER.check(hard(5)));
    }

    @Test
    void aBudgetHoldsForEachPartition() {
        final Script<KeyValue.Request, String> script = new Script<>();
        for (int key = 0; key < 10; key++) {
            script.does(0, put("k" + key, "v"), "").does(1, get("k" + key), "v");
        }
        final Verdict.Linearizable verdict =
            assertInstanceOf(Verdict.Linearizable.class, CHECKER.withBudget(10).check(script.recorder().history()));
        assertTrue(verdict.explored() > 10, "all together went into " + verdict.explored());
    }

    @Test
    void aFailureIsOneWhateverIsUnknownElsewhere() {
        final Script<KeyValue.Request, String> script = new Script<>();
        appendAllAtOnce(script, 12);
        script.does(0, put("other", "1"), "").does(0, get("other"), "2");
        final Verdict.NotLinearizable verdict = assertInstanceOf(Verdict.NotLinearizable.class,
            CHECKER.withBudget(10_000).check(script.recorder().history()));
        assertEquals("other", verdict.window().partition());
    }

    @Test
    void timeThatIsUpIsUnknownAndNoPass() {
        final AtomicLong clock = new AtomicLong();
        final Verdict verdict = CHECKER.withTimeLimit(Duration.ofNanos(5), clock::getAndIncrement).check(hard(12));
        final Verdict.Unknown unknown = assertInstanceOf(Verdict.Unknown.class, verdict);
        assertTrue(unknown.reason().startsWith("k: out of time after "), unknown.reason());
    }

    @Test
    void aFailureGoesNoFurtherAndSaysWhy() {
        final Violation violation = assertThrows(Violation.class, CHECKER.check(hard(3))::require);
        assertTrue(violation.getMessage().startsWith("not linearizable: k"), violation.getMessage());
        CHECKER.check(new Script<KeyValue.Request, String>().does(0, put("k", "v"), "").recorder().history()).require();
    }

    /** Many appends at once have factorially many outcomes, and the read excludes each. */
    private static History<KeyValue.Request, String> hard(int appends) {
        final Script<KeyValue.Request, String> script = new Script<>();
        appendAllAtOnce(script, appends);
        return script.recorder().history();
    }

    private static void appendAllAtOnce(Script<KeyValue.Request, String> script, int appends) {
        final int[] underWay = IntStream.range(0, appends)
            .map(i -> script.calls(i, append("k", String.valueOf((char) ('a' + i))))).toArray();
        for (final int operation : underWay) {
            script.answered(operation, "");
        }
        script.does(0, get("k"), "none of these");
    }
}
