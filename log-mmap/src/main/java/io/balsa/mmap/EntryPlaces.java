package io.balsa.mmap;

import org.agrona.BitUtil;

/**
 * Where entries lie: the newest, called hot, in the {@link Tail}, older ones on the disk, where the {@link IndexMap}
 * leads to them. A hot entry that is durable lies in both. Belongs to the loop thread.
 */
final class EntryPlaces {
    private final Tail tail;
    private final IndexMap indexMap;
    // Where the hot entries begin in the tail, by the low bits of their index.
    private final long[] positions;
    private final int positionMask;
    private long firstHot;

    EntryPlaces(Tail tail, IndexMap indexMap, long firstHot) {
        this.tail = tail;
        this.indexMap = indexMap;
        this.positions = new long[BitUtil.findNextPositivePowerOfTwo(Tail.maxEntries(tail.capacity()))];
        this.positionMask = positions.length - 1;
        this.firstHot = firstHot;
    }

    long firstHot() {
        return firstHot;
    }

    /** The position in the tail of a hot entry. */
    long position(long hotIndex) {
        return positions[(int) hotIndex & positionMask];
    }

    void add(long index, long position) {
        positions[(int) index & positionMask] = position;
    }

    /** The tail gives the entry at {@code position} free; its index is within the log's. */
    void evict(long index, long position) {
        if (index >= firstHot && position(index) == position) {
            indexMap.add(index, tail.location(position));
            firstHot = index + 1;
        } else {
            indexMap.breakRun();
        }
    }

    /** The tail gives something else free than an entry of the log. */
    void evictOther() {
        indexMap.breakRun();
    }

    void truncateFrom(long index) {
        if (index < firstHot) {
            firstHot = index;
            indexMap.truncateFrom(index);
        }
    }

    void dropBefore(long index) {
        firstHot = Math.max(firstHot, index);
        indexMap.dropBefore(index);
    }

    /** Forgets all entries; the next is {@code index}. */
    void restartAt(long index) {
        indexMap.truncateFrom(1);
        firstHot = index;
    }

    /** Whether an entry of the log lies before a position in the tail up to which all is durable. */
    boolean isDurable(long index, long durable) {
        return index < firstHot || position(index) < durable;
    }

    /** The place on the disk of a durable entry, or a known one shortly before it. */
    long placeBefore(long index) {
        return index < firstHot ? indexMap.anchorLocation(indexMap.anchorBefore(index)) : location(index);
    }

    /**
     * The last entry that is known to lie at or before a place, or else the next one behind it.
     *
     * @param durableIndex an entry that lies behind it
     */
    long firstAt(long place, long durableIndex) {
        final boolean hot = firstHot <= durableIndex && (location(firstHot) <= place || indexMap.isEmpty());
        return hot ? firstHotAt(place, durableIndex) : firstColdAt(place);
    }

    private long firstHotAt(long place, long durableIndex) {
        long low = firstHot;
        long high = durableIndex;
        while (low < high) {
            final long middle = (low + high + 1) >>> 1;
            if (location(middle) <= place) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private long firstColdAt(long place) {
        final int anchor = indexMap.anchorAt(place);
        final boolean inSegment = anchor >= indexMap.firstAnchor()
            && IndexMap.segment(indexMap.anchorLocation(anchor)) == IndexMap.segment(place);
        final int next = inSegment ? anchor : anchor + 1;
        return next < indexMap.size() ? indexMap.anchorIndex(next) : firstHot;
    }

    private long location(long hotIndex) {
        return tail.location(position(hotIndex));
    }
}
