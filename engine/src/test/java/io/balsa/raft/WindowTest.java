package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class WindowTest {
    private final Window window = new Window(100);

    @Test
    @DisplayName("one message always goes, however long")
    void oneMessageAlwaysGoes() {
        assertTrue(window.hasRoom());
        window.sent(1, 5_000);
        assertFalse(window.hasRoom());
    }

    @Test
    @DisplayName("what the follower holds durably makes room, and only that")
    void whatTheFollowerHoldsMakesRoom() {
        window.sent(3, 60);
        window.sent(5, 60);
        window.advance(2, 5);
        assertFalse(window.hasRoom(), "the first message is not wholly durable over there");
        window.advance(3, 5);
        assertTrue(window.hasRoom());
    }

    @Test
    @DisplayName("an empty message after the last one leaves the window as it is")
    void anEmptyMessageLeavesTheWindowAsItIs() {
        window.sent(3, 100);
        window.advance(0, 3);
        assertFalse(window.hasRoom());
    }

    @Test
    @DisplayName("going back to send again empties it")
    void goingBackEmptiesIt() {
        window.sent(3, 60);
        window.sent(5, 60);
        window.advance(0, 4);
        assertTrue(window.hasRoom());
    }

    @Test
    @DisplayName("a cleared window has room")
    void aClearedWindowHasRoom() {
        window.sent(3, 100);
        window.clear();
        assertTrue(window.hasRoom());
    }

    @Test
    @DisplayName("it is full at 1024 messages too, and goes round")
    void itIsFullAt1024MessagesToo() {
        final Window wide = new Window(1 << 30);
        for (int round = 0; round < 3; round++) {
            for (int i = 1; i <= 1024; i++) {
                assertTrue(wide.hasRoom());
                wide.sent(1024L * round + i, 1);
            }
            assertFalse(wide.hasRoom());
            wide.advance(1024L * (round + 1), 1024L * (round + 1));
        }
    }
}
