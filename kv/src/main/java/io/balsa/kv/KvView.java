package io.balsa.kv;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import org.pcollections.TreePMap;

/**
 * The store as it was at one moment; never changes, for any thread. Keys are ordered as unsigned bytes.
 *
 * @param map    key to value, neither array ever changed
 * @param digest of all of it: the sum of its pairs' digests
 */
record KvView(TreePMap<byte[], byte[]> map, long digest) {
    static final KvView EMPTY = new KvView(TreePMap.empty(Arrays::compareUnsigned), 0);

    /** @param more whether keys of the range were left out because a bound was reached */
    record Range(List<byte[]> keys, boolean more) {
    }

    /** Answers a command that only reads. */
    KvReply read(Command command) {
        return switch (command.op()) {
            case GET -> get(command.key());
            case STRLEN -> strlen(command.key());
            case EXISTS -> exists(command.arguments());
            case MGET -> mget(command.arguments());
            case SET, APPEND, DEL, CAS, CASABSENT, INCRBY, MSET, NULL_VAL ->
                throw new IllegalArgumentException(command.op() + " does not only read");
        };
    }

    /**
     * The keys that start with {@code prefix}, in order, at most {@code limit} of them and {@link Limits#RANGE_BYTES}.
     *
     * @param after only keys greater than this one; null: from the start
     */
    Range range(byte[] prefix, byte[] after, int limit) {
        final boolean resumes = after != null && Arrays.compareUnsigned(after, prefix) >= 0;
        final List<byte[]> keys = new ArrayList<>();
        int bytes = 0;
        for (final byte[] key : map.tailMap(resumes ? after : prefix, !resumes).keySet()) {
            if (!startsWith(key, prefix)) {
                break;
            }
            bytes += key.length;
            if (keys.size() == limit || (bytes > Limits.RANGE_BYTES && !keys.isEmpty())) {
                return new Range(keys, true);
            }
            keys.add(key);
        }
        return new Range(keys, false);
    }

    private KvReply get(byte[] key) {
        final byte[] value = map.get(key);
        return value == null ? KvReply.Bulk.ABSENT : new KvReply.Bulk(value);
    }

    private KvReply strlen(byte[] key) {
        final byte[] value = map.get(key);
        return value == null ? KvReply.Int.ZERO : new KvReply.Int(value.length);
    }

    private KvReply exists(List<byte[]> keys) {
        long found = 0;
        for (final byte[] key : keys) {
            found += map.containsKey(key) ? 1 : 0;
        }
        return new KvReply.Int(found);
    }

    private KvReply mget(List<byte[]> keys) {
        final List<byte[]> values = new ArrayList<>(keys.size());
        long bytes = 0;
        for (final byte[] key : keys) {
            final byte[] value = map.get(key);
            bytes += value == null ? 0 : value.length;
            values.add(value);
        }
        if (bytes > Limits.REPLY_BYTES) {
            return KvReply.Failure.error("the values are " + bytes + " bytes, the limit for one reply is "
                + Limits.REPLY_BYTES + "; ask for fewer keys");
        }
        return new KvReply.Values(values);
    }

    private static boolean startsWith(byte[] key, byte[] prefix) {
        return key.length >= prefix.length && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }

    KvView with(byte[] key, byte[] value) {
        return new KvView(map.plus(key, value), digest - digestAt(key) + Digest.of(key, value));
    }

    KvView without(byte[] key) {
        return new KvView(map.minus(key), digest - digestAt(key));
    }

    private long digestAt(byte[] key) {
        final byte[] value = map.get(key);
        return value == null ? 0 : Digest.of(key, value);
    }

    /** Two views are equal when they hold the same bytes under the same keys. */
    @Override
    public boolean equals(Object other) {
        if (!(other instanceof KvView view) || view.map.size() != map.size()) {
            return false;
        }
        final var theirs = view.map.entrySet().iterator();
        for (final Map.Entry<byte[], byte[]> ours : map.entrySet()) {
            final Map.Entry<byte[], byte[]> their = theirs.next();
            if (!Arrays.equals(ours.getKey(), their.getKey()) || !Arrays.equals(ours.getValue(), their.getValue())) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (final Map.Entry<byte[], byte[]> entry : map.entrySet()) {
            hash = 31 * hash + 31 * Arrays.hashCode(entry.getKey()) + Arrays.hashCode(entry.getValue());
        }
        return hash;
    }
}
