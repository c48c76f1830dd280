package io.balsa.mapreduce.coordinator;

import java.nio.charset.StandardCharsets;

/** Digests of what the replicated state holds: equal on all machines, unlike {@link Object#hashCode}. */
final class Mix {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private Mix() {
    }

    /** Differs, as far as 64 bits go, for different pairs, their order included. */
    static long of(long a, long b) {
        long mixed = (Long.rotateLeft(a * GOLDEN, 29) ^ b) * GOLDEN;
        mixed ^= mixed >>> 32;
        mixed *= 0xD6E8FEB86659FD93L;
        return mixed ^ mixed >>> 29;
    }

    static long of(byte[] bytes) {
        long digest = bytes.length;
        for (final byte b : bytes) {
            digest = of(digest, b);
        }
        return digest;
    }

    static long of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }
}
