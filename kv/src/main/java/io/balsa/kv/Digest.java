package io.balsa.kv;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * 64-bit digests of what the store holds, the same on every machine. The digest of a collection is the sum of its
 * elements' digests: it does not depend on their order, and one element is exchanged without a look at the others.
 */
final class Digest {
    private static final VarHandle LONGS =
        MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long SEED = 0x9E3779B97F4A7C15L;
    private static final long ABSENT = 0x5851F42D4C957F2DL;

    private Digest() {
    }

    /** Of two values; their order matters. */
    static long of(long a, long b) {
        final long x = (a ^ SEED) * 0xBF58476D1CE4E5B9L + b;
        final long y = (x ^ (x >>> 31)) * 0x94D049BB133111EBL;
        return y ^ (y >>> 29);
    }

    static long of(byte[] bytes) {
        if (bytes == null) {
            return ABSENT;
        }
        // Two lanes, so that a long value does not wait for one chain of multiplications.
        long a = bytes.length;
        long b = SEED;
        int at = 0;
        for (; at + 2 * Long.BYTES <= bytes.length; at += 2 * Long.BYTES) {
            a = of(a, (long) LONGS.get(bytes, at));
            b = of(b, (long) LONGS.get(bytes, at + Long.BYTES));
        }
        long rest = 0;
        for (; at < bytes.length; at++) {
            rest = of(rest, bytes[at]);
        }
        return of(of(a, b), rest);
    }

    static long of(String text) {
        long digest = text.length();
        for (int i = 0; i < text.length(); i++) {
            digest = of(digest, text.charAt(i));
        }
        return digest;
    }

    /** One key and its value. */
    static long of(byte[] key, byte[] value) {
        return of(of(key), of(value));
    }

    static long of(KvReply reply) {
        return switch (reply) {
            case KvReply.Ok ok -> 1;
            case KvReply.Text text -> of(2, of(text.text()));
            case KvReply.Int number -> of(3, number.value());
            case KvReply.Bulk bulk -> of(4, of(bulk.value()));
            case KvReply.Values values -> {
                long digest = values.values().size();
                for (final byte[] value : values.values()) {
                    digest = of(digest, of(value));
                }
                yield of(5, digest);
            }
            // By name: a code's place among the others may change from version to version.
            case KvReply.Failure failure -> of(of(6, of(failure.code().name())), of(failure.message()));
        };
    }
}
