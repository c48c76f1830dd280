package io.balsa.kv;

import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where the SCANs through this node stand: each cursor names the last key it gave. Kept here and bounded, oldest out
 * first, since a RESP cursor is a number. For any thread.
 */
final class ScanCursors {
    private final Map<Long, byte[]> lastKeys;
    /** Starts anywhere, so that a cursor of an earlier run of this node is not taken for one of this run. */
    private long next = new SecureRandom().nextLong(1, 1L << 52);
    private long bytes;

    ScanCursors(int capacity, long maxBytes) {
        lastKeys = new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Long, byte[]> eldest) {
                final boolean full = size() > capacity || bytes > maxBytes;
                bytes -= full ? eldest.getValue().length : 0;
                return full;
            }
        };
    }

    synchronized long remember(byte[] lastKey) {
        bytes += lastKey.length;
        lastKeys.put(next, lastKey);
        return next++;
    }

    /** Stays valid until it is pushed out, so that a step can be repeated. */
    synchronized Optional<byte[]> lastKey(long cursor) {
        return Optional.ofNullable(lastKeys.get(cursor));
    }
}
