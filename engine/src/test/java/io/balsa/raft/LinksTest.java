package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Our run is 100. Peer 2, in row 0, has had runs 7 and 8 on store 55; a wiped one has another store. */
class LinksTest {
    private static final long OURS = 100;
    private static final long OUR_FORMER = 99;
    private static final long STORE = 55;
    private static final long OTHER_STORE = 56;

    private final Links links = new Links(new int[] {2, 3}, OURS, 1_000, 0);

    private static long run(long counter) {
        return counter << 32 | 0xBA15A;
    }

    private boolean hello(long fromBoot, long toBoot, long store) {
        return hello(fromBoot, toBoot, store, Links.NO_CLAIM, Links.NO_CLAIM);
    }

    private boolean hello(long fromBoot, long toBoot, long store, long keptTerm, long keptIndex) {
        return links.onHello(0, fromBoot, toBoot, store, keptTerm, keptIndex, "");
    }

    @Test
    @DisplayName("before anything is heard nobody is known, and everybody is greeted, at intervals")
    void beforeAnythingIsHeardNobodyIsKnown() {
        assertFalse(links.isKnown(0));
        assertTrue(links.greetingIsDue(0, 0));
        assertFalse(links.greetingIsDue(0, 999));
        assertTrue(links.greetingIsDue(0, 1_000));
        assertTrue(links.greetingIsDue(1, 1_000), "each peer for itself");
    }

    @Test
    @DisplayName("a greeting is believed, and ends ours if it is meant for our present run")
    void aGreetingIsBelieved() {
        assertTrue(hello(run(7), Links.UNKNOWN, STORE));
        assertTrue(links.isKnown(0));
        assertEquals(run(7), links.boot(0));
        assertTrue(links.greetingIsDue(0, 5_000), "it has not compared this run with what it remembers of us");
        assertTrue(hello(run(7), OURS, STORE));
        assertFalse(links.greetingIsDue(0, 10_000));
        assertTrue(links.fits(0, run(7), OURS));
    }

    @Test
    @DisplayName("a frame for our former run is refused")
    void aFrameForOurFormerRunIsRefused() {
        hello(run(7), OURS, STORE);
        assertFalse(links.fits(0, run(7), OUR_FORMER));
        assertFalse(links.fits(0, run(7), Links.UNKNOWN));
        assertFalse(hello(run(8), OUR_FORMER, STORE));
        assertEquals(run(7), links.boot(0));
    }

    @Test
    @DisplayName("a frame from the peer's former run is refused")
    void aFrameFromThePeersFormerRunIsRefused() {
        hello(run(8), OURS, STORE);
        assertFalse(links.fits(0, run(7), OURS));
        assertFalse(hello(run(7), OURS, STORE));
        assertEquals(run(8), links.boot(0));
    }

    @Test
    @DisplayName("before its greeting a run is learnt from a frame that names ours")
    void beforeItsGreetingARunIsLearntFromAFrame() {
        assertTrue(links.fits(0, run(7), OURS));
        assertTrue(links.isKnown(0));
        assertTrue(links.greetingIsDue(0, 0), "it has still to greet us: only that names its store");
    }

    @Test
    @DisplayName("a restarted peer is believed when it greets, not before")
    void aRestartedPeerIsBelievedWhenItGreets() {
        hello(run(7), OURS, STORE);
        assertFalse(links.fits(0, run(8), OURS));
        assertTrue(hello(run(8), Links.UNKNOWN, STORE));
        assertTrue(links.fits(0, run(8), OURS));
        assertFalse(links.fits(0, run(7), OURS));
    }

    @Test
    @DisplayName("a wiped peer counts its runs from the beginning: it is believed all the same")
    void aWipedPeerIsBelieved() {
        hello(run(8), OURS, STORE);
        assertTrue(hello(run(1), Links.UNKNOWN, OTHER_STORE));
        assertTrue(links.fits(0, run(1), OURS));
        assertFalse(links.fits(0, run(8), OURS));
    }

    @Test
    @DisplayName("a late frame from before a peer was wiped does not lock the peer out")
    void aLateFrameFromBeforeAPeerWasWipedDoesNotLockItOut() {
        hello(run(8), OURS, STORE);
        hello(run(1), Links.UNKNOWN, OTHER_STORE);
        assertFalse(links.fits(0, run(8), OURS), "a former run, though of a greater number");
        assertTrue(links.fits(0, run(1), OURS));
        assertTrue(hello(run(1), OURS, OTHER_STORE));
    }

    @Test
    @DisplayName("a late greeting from before a peer was wiped is undone by its next one")
    void aLateGreetingFromBeforeAPeerWasWipedIsUndone() {
        hello(run(1), Links.UNKNOWN, OTHER_STORE);
        hello(run(8), Links.UNKNOWN, STORE);
        assertFalse(links.fits(0, run(1), OURS));
        assertTrue(hello(run(1), OURS, OTHER_STORE));
        assertTrue(links.fits(0, run(1), OURS));
    }

    @Test
    @DisplayName("a stranger has no row")
    void aStrangerHasNoRow() {
        assertEquals(1, links.rowOf(3));
        assertEquals(-1, links.rowOf(9));
    }

    @Test
    @DisplayName("two runs that count alike are those of two copies of one directory: the one known stays")
    void twoRunsThatCountAlikeAreThoseOfTwoCopies() {
        hello(run(8), OURS, STORE);
        assertFalse(hello(run(8) + 1, OURS, STORE));
        assertFalse(hello(run(8) - 1, OURS, STORE));
        assertTrue(hello(run(8), OURS, STORE), "it repeats itself");
        assertEquals(run(8), links.boot(0));
    }

    /** Run 7 has said that it is in term 5 and holds the log durably up to 200. */
    private void runSevenPromises() {
        hello(run(7), OURS, STORE, 1, 0);
        links.promises(0, 4, 300);
        links.promises(0, 5, 200);
        links.promises(0, 5, 150); // late
        links.promises(0, 4, 900);
    }

    @ParameterizedTest(name = "term {0}, up to {1}: {2}")
    @CsvSource({"5, 199, true", "4, 900, true", "5, 200, false", "5, 201, false", "6, 0, false"})
    @DisplayName("a later run that kept less than its store promised is one of an older copy: it is not listened to")
    void aLaterRunThatKeptLessIsOneOfAnOlderCopy(long keptTerm, long keptIndex, boolean older) {
        runSevenPromises();
        assertTrue(hello(run(8), OURS, STORE, keptTerm, keptIndex));
        assertEquals(older, links.isOlderCopy(0));
        assertEquals(older, !links.fits(0, run(8), OURS));
        assertEquals(older, !links.isKnown(0));
        assertFalse(links.fits(0, run(7), OURS), "nor to the former run");
        assertTrue(hello(run(8), OURS, STORE, keptTerm, keptIndex), "it repeats itself");
        assertEquals(older, links.isOlderCopy(0));
    }

    @Test
    @DisplayName("what a run promises it need not have kept when it began")
    void whatARunPromisesItNeedNotHaveKeptWhenItBegan() {
        runSevenPromises();
        hello(run(7), OURS, STORE, 1, 0);
        assertFalse(links.isOlderCopy(0));
    }

    @Test
    @DisplayName("once it says that it has lost something, and does not count, it is listened to, and promises anew")
    void onceItSaysThatItHasLostSomethingItIsListenedTo() {
        runSevenPromises();
        hello(run(8), OURS, STORE, 4, 100);
        assertTrue(hello(run(9), Links.UNKNOWN, STORE, Links.NO_CLAIM, Links.NO_CLAIM));
        assertTrue(links.fits(0, run(9), OURS));
        links.promises(0, 3, 50);
        hello(run(10), Links.UNKNOWN, STORE, 3, 50);
        assertFalse(links.isOlderCopy(0));
    }

    @Test
    @DisplayName("a store that lost its log, and knows its votes, is held to the terms it spoke in")
    void aStoreThatKnowsItsVotesIsHeldToItsTerms() {
        runSevenPromises();
        hello(run(8), Links.UNKNOWN, STORE, 5, Links.NO_CLAIM);
        assertFalse(links.isOlderCopy(0));
        hello(run(9), Links.UNKNOWN, STORE, 4, Links.NO_CLAIM);
        assertTrue(links.isOlderCopy(0));
    }

    @Test
    @DisplayName("another store is not held to what this one promised")
    void anotherStoreIsNotHeldToIt() {
        runSevenPromises();
        hello(run(1), Links.UNKNOWN, OTHER_STORE, 0, 0);
        assertFalse(links.isOlderCopy(0));
    }

    @Test
    @DisplayName("an older copy is greeted until it knows")
    void anOlderCopyIsGreetedUntilItKnows() {
        hello(run(7), Links.UNKNOWN, STORE, 1, 0);
        links.promises(0, 5, 200);
        hello(run(8), OURS, STORE, 4, 0);
        assertTrue(links.greetingIsDue(0, 10_000));
    }
}
