package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

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
        return links.onHello(0, fromBoot, toBoot, store, "");
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
    @DisplayName("a greeting is believed, and ends ours")
    void aGreetingIsBelieved() {
        assertTrue(hello(run(7), Links.UNKNOWN, STORE));
        assertTrue(links.isKnown(0));
        assertEquals(run(7), links.boot(0));
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
}
