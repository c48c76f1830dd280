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
    @DisplayName("agrees with a plain list also where its front goes, and where all of it does")
    void agreesWithAPlainListThatLosesItsFront() {
        for (int seed = 0; seed < 300; seed++) {
            final SplittableRandom random = new SplittableRandom(seed);
            final LogTerms log = new LogTerms();
            final List<Long> model = new ArrayList<>(List.of(0L)); // by index, from 0 on
            int base = 0;
            for (int step = 0; step < 100; step++) {
                final int last = model.size() - 1;
                final int dice = random.nextInt(12);
                if (dice == 0 && last > base) {
                    final int from = base + 1 + random.nextInt(last - base);
                    log.truncateFrom(from);
                    model.subList(from, model.size()).clear();
                } else if (dice == 1) {
                    final int to = random.nextInt(last + 1);
                    log.compactTo(to);
                    base = Math.max(base, to);
                } else if (dice == 2 && random.nextInt(4) == 0) {
                    base = base + 1 + random.nextInt(last - base + 5);
                    final long term = model.getLast() + random.nextInt(2);
                    log.resetTo(base, term);
                    while (model.size() <= base) {
                        model.add(term);
                    }
                    model.subList(base, model.size()).clear();
                    model.add(term);
                } else {
                    final long term = Math.max(1, model.getLast()) + random.nextInt(3) / 2;
                    final int count = 1 + random.nextInt(3);
                    log.append(term, count);
                    for (int i = 0; i < count; i++) {
                        model.add(term);
                    }
                }
                assertEqualFrom(base, model, log, "seed " + seed + ", step " + step);
            }
        }
    }

    private static void assertEqualFrom(int base, List<Long> model, LogTerms log, String when) {
        final int last = model.size() - 1;
        assertEquals(base, log.baseIndex(), when);
        assertEquals(last, log.lastIndex(), when);
        assertEquals(model.getLast(), log.lastTerm(), when);
        for (int index = base; index <= last; index++) {
            assertEquals(model.get(index), log.termAt(index), when + ", entry " + index);
            assertTrue(log.holds(index, model.get(index)), when);
            assertFalse(log.holds(index, model.get(index) + 1), when);
        }
        assertFalse(log.holds(base - 1, base == 0 ? 0 : model.get(base - 1)), when + ": that one is gone");
        assertFalse(log.holds(last + 1, log.lastTerm()), when);
        for (int upTo = base; upTo <= last; upTo++) { // what a rejection would show, unfolded again
            final TermRuns runs = log.newestRuns(upTo, Integer.MAX_VALUE);
            long end = upTo;
            for (int run = runs.count() - 1; run >= 0; run--) {
                for (long index = end; index >= runs.firstIndexOf(run); index--) {
                    assertEquals(model.get((int) index), runs.termOf(run), when + ", shown entry " + index);
                }
                end = runs.firstIndexOf(run) - 1;
            }
            assertEquals(base == 0 ? 0 : base - 1, end, when + ": all it has is shown, and the base");
        }
    }

    @Test
    @DisplayName("where two logs part is found though either has lost its front, or that it is before what is held")
    void theLastCommonIndexOfLogsThatLostTheirFronts() {
        int found = 0;
        for (int seed = 0; seed < 4_000; seed++) {
            final SplittableRandom random = new SplittableRandom(seed);
            final LogTerms ours = new LogTerms();
            final LogTerms theirs = new LogTerms();
            long sharedTerm = 1;
            for (int runs = 1 + random.nextInt(3); runs > 0; runs--) {
                final int count = 1 + random.nextInt(3);
                ours.append(sharedTerm, count);
                theirs.append(sharedTerm, count);
                sharedTerm += 1 + random.nextInt(2);
            }
            final long shared = ours.lastIndex();
            append(ours, random, sharedTerm + 1 | 1);
            append(theirs, random, sharedTerm + 2 & ~1L);
            ours.compactTo(random.nextLong(shared + 1)); // only what is committed goes, and that is common
            theirs.compactTo(random.nextLong(shared + 1));
            final long prev = Math.max(1, theirs.baseIndex()) + random.nextLong(theirs.lastIndex() + 3);
            final long shown = Math.min(prev, theirs.lastIndex());
            final long expected = Math.min(shared, Math.min(shown, ours.lastIndex()));
            final long common = ours.lastCommonIndex(theirs.newestRuns(prev, 64), shown);
            if (expected >= ours.baseIndex() && expected >= theirs.baseIndex()) {
                assertEquals(expected, common, "seed " + seed);
                found++;
            } else {
                assertTrue(common < Math.max(ours.baseIndex(), theirs.baseIndex()), "seed " + seed + ": " + common);
            }
        }
        assertTrue(found > 2_000, "found: " + found);
    }

    @Test
    @DisplayName("a recovered log that begins behind its snapshot has lost entries; one that parts from it is given up")
    void aRecoveredLogAndItsSnapshot() {
        final LogTerms log = new LogTerms();
        log.recoveredBase(4, 2);
        log.recovered(3, 5, 9);
        assertFalse(log.recoveredSnapshot(7, 3), "it leads there");
        assertEquals(4, log.baseIndex());
        assertEquals(9, log.lastIndex());
        assertThrows(SafetyViolation.class, () -> log.recoveredSnapshot(3, 2));
        assertTrue(log.recoveredSnapshot(12, 3), "it ends before");
        assertEquals(12, log.baseIndex());
        assertEquals(12, log.persistedIndex());
        log.append(4, 3);
        assertTrue(log.recoveredSnapshot(14, 5), "it holds another entry there");
        assertEquals(14, log.lastIndex());
        assertEquals(5, log.lastTerm());
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
