package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PartAssemblyTest {
    private final PartAssembly assembly = new PartAssembly();

    private boolean add(int sender, long term, long index, int length, int partOffset, String part) {
        final UnsafeBuffer source = new UnsafeBuffer(("..." + part).getBytes(StandardCharsets.US_ASCII));
        return assembly.add(sender, term, index, length, partOffset, source, 3, part.length());
    }

    private boolean add(int partOffset, String part) {
        return add(1, 4, 9, 6, partOffset, part);
    }

    private String assembled(int length) {
        return assembly.buffer().getStringWithoutLengthAscii(0, length);
    }

    @Test
    @DisplayName("whole with the last part, not before")
    void wholeWithTheLastPart() {
        assertFalse(add(0, "ab"));
        assertFalse(add(2, "cd"));
        assertTrue(add(4, "ef"));
        assertEquals("abcdef", assembled(6));
    }

    @Test
    @DisplayName("a part that is missing, repeated or out of order never makes it whole")
    void aPartOutOfOrderNeverMakesItWhole() {
        assertFalse(add(0, "ab"));
        assertFalse(add(4, "ef"));
        assertFalse(add(2, "cd"));
        assertFalse(add(2, "cd"), "repeated");
        assertTrue(add(4, "ef"));
        assertFalse(add(4, "ef"), "whole only once");
    }

    @Test
    @DisplayName("the first part starts anew, at any time")
    void theFirstPartStartsAnew() {
        assertFalse(add(0, "ab"));
        assertFalse(add(2, "cd"));
        assertFalse(add(0, "AB"));
        assertFalse(add(4, "EF"));
        assertFalse(add(2, "CD"));
        assertTrue(add(4, "EF"));
        assertEquals("ABCDEF", assembled(6));
    }

    @Test
    @DisplayName("parts of another sender, term, entry or length are not mixed in")
    void partsOfAnotherEntryAreNotMixedIn() {
        assertFalse(add(0, "abc"));
        assertFalse(add(2, 4, 9, 6, 3, "xyz"));
        assertFalse(add(1, 5, 9, 6, 3, "xyz"));
        assertFalse(add(1, 4, 8, 6, 3, "xyz"));
        assertFalse(add(1, 4, 9, 7, 3, "xyz"));
        assertTrue(add(3, "def"));
        assertEquals("abcdef", assembled(6));
    }

    @Test
    @DisplayName("a part longer than what is missing is dropped, as is one of a negative length")
    void aPartLongerThanWhatIsMissingIsDropped() {
        assertFalse(add(0, "abcdefg"));
        assertFalse(add(1, 4, 9, -1, 0, "a"));
        assertFalse(add(0, "abc"));
        assertFalse(add(3, "defg"));
        assertTrue(add(3, "def"));
    }
}
