package io.balsa.raft.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LogTermsTest {
    private static LogTerms log(long... terms) {
        final LogTerms log = new LogTerms();
        for (final long term : terms) {
            log.append(term, 1);
        }
        return log;
    }

    @Test
    @DisplayName("agrees with a plain list through any appends and truncations")
    void agreesWithAPlainList() {
        for (int seed = 0; seed < 50; seed++) {
            final SplittableRandom random = new SplittableRandom(seed);
            final LogTerms log = new LogTerms();
            final List<Long> model = new ArrayList<>();
            for (int step = 0; step < 300; step++) {
                if (!model.isEmpty() && random.nextInt(4) == 0) {
                    final int from = 1 + random.nextInt(model.size());
                    log.truncateFrom(from);
                    model.subList(from - 1, model.size()).clear();
                } else {
                    final long term = (model.isEmpty() ? 1 : model.getLast()) + random.nextInt(3) / 2;
                    final int count = 1 + random.nextInt(3);
                    log.append(term, count);
                    for (int i = 0; i < count; i++) {
                        model.add(term);
                    }
                }
                assertEquals(model.size(), log.lastIndex());
                assertEquals(model.isEmpty() ? 0 : model.getLast(), log.lastTerm());
                for (int i = 1; i <= model.size(); i++) {
                    assertEquals(model.get(i - 1), log.termAt(i), "seed " + seed + ", entry " + i);
                }
            }
        }
    }

    @Test
    @DisplayName("the last common index is the one that comparing entry by entry finds")
    void theLastCommonIndexIsTheOneThatComparingFinds() {
        for (int seed = 0; seed < 2_000; seed++) {
            final SplittableRandom random = new SplittableRandom(seed);
            final int shared = random.nextInt(6);
            final LogTerms ours = new LogTerms();
            final LogTerms theirs = new LogTerms();
            final long sharedTerm = 1L + random.nextInt(3);
            if (shared > 0) {
                ours.append(sharedTerm, shared);
                theirs.append(sharedTerm, shared);
            }
            // Log Matching: past the shared part no term is in both logs, so odd ones are ours and even ones theirs.
            append(ours, random, sharedTerm + 1 | 1);
            append(theirs, random, sharedTerm + 2 & ~1L);
            final long prev = 1 + random.nextLong(theirs.lastIndex() + 3);
            final long shown = Math.min(prev, theirs.lastIndex());
            long expected = Math.min(shown, ours.lastIndex());
            while (expected > 0 && ours.termAt(expected) != theirs.termAt(expected)) {
                expected--;
            }
            assertEquals(expected, ours.lastCommonIndex(theirs.newestRuns(prev, 64), shown), "seed " + seed);
        }
    }

    private static void append(LogTerms log, SplittableRandom random, long firstTerm) {
        long term = firstTerm;
        for (int runs = random.nextInt(4); runs > 0; runs--) {
            log.append(term, 1 + random.nextInt(3));
            term += 2;
        }
    }

    @Test
    @DisplayName("runs too old to be shown cost another step, and each step gets further back")
    void runsTooOldToBeShownCostAnotherStep() {
        final LogTerms theirs = log(1, 2, 4, 6, 8);
        final LogTerms ours = log(1, 3, 5, 7, 9);
        assertEquals(3, ours.lastCommonIndex(theirs.newestRuns(5, 2), 5));
        assertEquals(1, ours.lastCommonIndex(theirs.newestRuns(3, 2), 3));
        assertEquals(1, ours.lastCommonIndex(theirs.newestRuns(5, 64), 5));
    }

    @Test
    @DisplayName("an empty log has nothing in common, and says so")
    void anEmptyLogHasNothingInCommon() {
        assertEquals(0, log(1, 1).lastCommonIndex(log().newestRuns(2, 64), 0));
        assertEquals(0, log().lastCommonIndex(log(1, 1).newestRuns(2, 64), 2));
    }

    @Test
    @DisplayName("durable is what was reported under its own term")
    void durableIsWhatWasReportedUnderItsOwnTerm() {
        final LogTerms log = log(1, 1, 1);
        log.onPersisted(2, 1);
        assertEquals(2, log.persistedIndex());
        log.truncateFrom(2);
        assertEquals(1, log.persistedIndex());
        log.append(2, 2);
        log.onPersisted(3, 1);
        assertEquals(1, log.persistedIndex());
        log.onPersisted(2, 2);
        log.onPersisted(1, 1);
        assertEquals(2, log.persistedIndex());
    }

    @Test
    @DisplayName("index 0 stands before every log, with term 0")
    void indexZeroStandsBeforeEveryLog() {
        assertTrue(log().holds(0, 0));
        assertTrue(log(3).holds(0, 0));
        assertFalse(log(3).holds(0, 3));
        assertFalse(log(3).holds(-1, 0));
    }

    @Test
    @DisplayName("a recovered log with a gap, or with falling terms, is refused")
    void aRecoveredLogWithAGapIsRefused() {
        final LogTerms log = new LogTerms();
        log.recovered(2, 1, 3);
        assertEquals(3, log.persistedIndex());
        assertThrows(SafetyViolation.class, () -> log.recovered(3, 5, 6));
        assertThrows(SafetyViolation.class, () -> log.recovered(1, 4, 6));
        assertThrows(SafetyViolation.class, () -> log.recovered(3, 4, 3));
    }
}
