package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Where entries lie, while the log grows at one end and goes at the other. */
class IndexMapTest {
    private static final int ENTRY = 100;
    private static final int PER_SEGMENT = 1_000;

    private final IndexMap map = new IndexMap();

    private void add(long from, long to) {
        for (long index = from; index <= to; index++) {
            map.add(index, place(index));
        }
    }

    private static long place(long index) {
        return IndexMap.location((int) (index / PER_SEGMENT) + 1, (int) (index % PER_SEGMENT) * ENTRY);
    }

    private void assertLeadsTo(long index) {
        final int anchor = map.anchorBefore(index);
        final long at = map.anchorIndex(anchor);
        assertTrue(at <= index && index - at < IndexMap.SPACING, () -> at + " is not shortly before " + index);
        assertEquals(place(at), map.anchorLocation(anchor));
        assertEquals(IndexMap.segment(place(index)), IndexMap.segment(place(at)), "one can walk there");
    }

    @Test
    void whatIsLeftIsFoundHoweverMuchWentBefore() {
        final long step = 700_000; // several chunks of anchors come and go
        for (long last = step; last <= 10 * step; last += step) {
            add(last - step + 1, last);
            final long first = last - 12_345;
            map.dropBefore(first);
            for (long index = first; index <= last; index += 321) {
                assertLeadsTo(index);
            }
            assertEquals(map.firstAnchor(), map.anchorBefore(first));
            assertTrue(map.size() < 20_000, () -> map.size() + " anchors for 12,345 entries: those before stay");
        }
    }

    @Test
    void aPlaceLeadsToTheAnchorAtOrBeforeIt() {
        add(1, 5_000);
        assertEquals(map.anchorBefore(3_100), map.anchorAt(place(3_100)));
        assertEquals(map.firstAnchor() - 1, map.anchorAt(0));
        assertEquals(map.size() - 1, map.anchorAt(Long.MAX_VALUE));
        map.dropBefore(3_100);
        assertEquals(map.firstAnchor(), map.anchorAt(place(3_100)));
        assertEquals(map.firstAnchor() - 1, map.anchorAt(place(100)));
    }

    @Test
    void longEntriesAreAnchoredMoreOften() {
        for (int index = 1; index <= 20; index++) {
            map.add(index, IndexMap.location(1, index * IndexMap.SPACING_BYTES));
        }
        for (int index = 1; index <= 20; index++) {
            assertEquals(index, map.anchorIndex(map.anchorBefore(index)));
        }
    }

    @Test
    void whenAllIsDroppedTheNextEntryIsAnchored() {
        add(1, 5_000);
        map.dropBefore(5_001);
        assertTrue(map.isEmpty());
        add(5_001, 5_010);
        assertLeadsTo(5_007);
    }
}
