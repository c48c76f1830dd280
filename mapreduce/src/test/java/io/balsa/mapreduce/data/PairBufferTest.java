package io.balsa.mapreduce.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;

import io.balsa.mapreduce.BytesCodec;
import io.balsa.mapreduce.Combiner;
import io.balsa.mapreduce.HashPartitioner;
import io.balsa.mapreduce.LongCodec;
import io.balsa.mapreduce.StringCodec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All three buffers against a map of lists: what went in comes out, by partition and key, in the order it came. */
final class PairBufferTest {
    private static final int PARTITIONS = 3;
    private static final long BUDGET = 400_000;
    private final SplittableRandom random = new SplittableRandom(11);

    private static Partitions partitions() {
        return new Partitions(new HashPartitioner(), PARTITIONS);
    }

    /** Keys of 0 to 40 bytes, many with equal beginnings, zero bytes and bytes above 127 among them. */
    private byte[] key() {
        final byte[] key = new byte[random.nextInt(5) == 0 ? random.nextInt(40) : random.nextInt(10)];
        final int kinds = random.nextInt(3);
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) (kinds == 0 ? 0 : kinds == 1 ? 'a' + random.nextInt(2) : random.nextInt(-2, 2));
        }
        return key;
    }

    /** What a map of lists holds of each partition. */
    private static final class Reference {
        private final List<TreeMap<byte[], List<String>>> partitions = new ArrayList<>();

        Reference() {
            for (int i = 0; i < PARTITIONS; i++) {
                partitions.add(new TreeMap<>(Arrays::compareUnsigned));
            }
        }

        void add(byte[] key, String value) {
            partitions.get(partitions().of(key, 0, key.length)).computeIfAbsent(key, first -> new ArrayList<>())
                .add(value);
        }

        void drain(List<String> into) {
            for (int i = 0; i < PARTITIONS; i++) {
                into.add("partition " + i);
                partitions.get(i).forEach((key, values) -> values.forEach(
                    value -> into.add(HexFormat.of().formatHex(key) + "=" + value)));
                partitions.get(i).clear();
            }
        }
    }

    private interface Shown {
        String value(byte[] bytes, int offset, int length);
    }

    private static PairSink into(List<String> list, Shown shown) {
        return new PairSink() {
            @Override
            public void beginPartition(int partition) {
                list.add("partition " + partition);
            }

            @Override
            public void pair(byte[] key, int keyOffset, int keyLength, byte[] value, int valueOffset,
                             int valueLength) {
                list.add(HexFormat.of().formatHex(key, keyOffset, keyOffset + keyLength) + "="
                    + shown.value(value, valueOffset, valueLength));
            }
        };
    }

    private static String number(byte[] bytes, int offset, int length) {
        return Long.toString(LongCodec.decode(bytes, offset));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSortBufferIsAStableSort(boolean sortValues) throws Exception {
        final SortBuffer buffer = new SortBuffer(BUDGET, partitions(), sortValues);
        for (int round = 0; round < 3; round++) {
            final Reference reference = new Reference();
            int added = 0;
            while (true) {
                final byte[] key = key();
                // In the order of values numbers fall, otherwise they come as they are counted.
                final long value = sortValues ? random.nextInt(1_000) : added;
                if (!buffer.add(key, 0, key.length, value)) {
                    break;
                }
                reference.add(key, Long.toString(value));
                added++;
            }
            assertTrue(added > 4_000, "only " + added);
            final List<String> expected = new ArrayList<>();
            if (sortValues) {
                reference.partitions.forEach(keys -> keys.values().forEach(
                    values -> values.sort((a, b) -> Long.compare(Long.parseLong(a), Long.parseLong(b)))));
            }
            reference.drain(expected);
            final List<String> actual = new ArrayList<>();
            buffer.drain(into(actual, PairBufferTest::number));
            assertEquals(expected, actual);
            assertTrue(buffer.isEmpty());
        }
    }

    @Test
    void aTableOfNumbersCombinesAllOfThem() throws Exception {
        final LongTable table = new LongTable(BUDGET, partitions(), Math::addExact);
        final byte[] keys = new byte[64];
        for (int round = 0; round < 3; round++) {
            final TreeMap<byte[], Long> sums = new TreeMap<>(Arrays::compareUnsigned);
            for (int i = 0; i < 20_000; i++) {
                final byte[] key = key();
                final int at = random.nextInt(keys.length - key.length);
                System.arraycopy(key, 0, keys, at, key.length);
                if (!table.add(keys, at, key.length, i) || !table.settle()) {
                    break;
                }
                sums.merge(key, (long) i, Long::sum);
            }
            final Reference reference = new Reference();
            sums.forEach((key, sum) -> reference.add(key, sum.toString()));
            final List<String> expected = new ArrayList<>();
            reference.drain(expected);
            final List<String> actual = new ArrayList<>();
            table.drain(into(actual, PairBufferTest::number));
            assertEquals(expected, actual);
            // A pair that found no room is still waiting.
            assertTrue(table.settle());
            table.drain(into(new ArrayList<>(), PairBufferTest::number));
        }
    }

    @Test
    void aTableThatIsFullKeepsWhatItHasNotTaken() throws Exception {
        final LongTable table = new LongTable(BUDGET, partitions(), Math::addExact);
        final List<String> pairs = new ArrayList<>();
        long expected = 0;
        for (int i = 0; i < 50_000; i++) {
            final byte[] key = Integer.toString(i).getBytes(StandardCharsets.UTF_8);
            while (!table.add(key, 0, key.length, i)) {
                table.drain(into(pairs, PairBufferTest::number));
            }
            expected += i;
        }
        while (!table.settle()) {
            table.drain(into(pairs, PairBufferTest::number));
        }
        table.drain(into(pairs, PairBufferTest::number));
        assertEquals(expected, pairs.stream().filter(pair -> pair.contains("="))
            .mapToLong(pair -> Long.parseLong(pair.substring(pair.indexOf('=') + 1))).sum());
        assertEquals(50_000, pairs.stream().filter(pair -> pair.contains("=")).count());
    }

    /** Puts values one behind the other: shows their order, and grows. */
    private static final class Join implements Combiner<byte[], String> {
        @Override
        public String combine(byte[] key, Iterable<String> values) {
            return String.join("", values);
        }
    }

    @Test
    void aTableOfValuesCombinesThemInTheirOrder() throws Exception {
        final ValueTable table = new ValueTable(BUDGET, partitions(),
            new ValueCombiner<>(new Join(), new BytesCodec(), new StringCodec()));
        for (int round = 0; round < 3; round++) {
            final TreeMap<byte[], String> joined = new TreeMap<>(Arrays::compareUnsigned);
            int added = 0;
            while (true) {
                final byte[] key = key();
                final byte[] value = ("<" + added + ">").getBytes(StandardCharsets.UTF_8);
                if (!table.add(key, 0, key.length, value, 0, value.length) || !table.settle()) {
                    break;
                }
                joined.merge(key, "<" + added + ">", String::concat);
                added++;
            }
            assertTrue(added > 5_000, "only " + added);
            final Reference reference = new Reference();
            joined.forEach(reference::add);
            final List<String> expected = new ArrayList<>();
            reference.drain(expected);
            final List<String> actual = new ArrayList<>();
            table.drain(into(actual, (bytes, offset, length) ->
                new String(bytes, offset, length, StandardCharsets.UTF_8)));
            assertEquals(expected, actual);
            // A pair that found no room is still waiting.
            assertTrue(table.settle());
            table.drain(into(new ArrayList<>(), (bytes, offset, length) -> ""));
        }
    }

    /** A table that is full but for one batch, in which one key comes so often that it is combined. */
    @Test
    void combiningLeavesFreeWhatTheRestOfABatchNeeds() throws Exception {
        for (long budget = 300_000; budget < 400_000; budget += 250) {
            final long last = fill(budget, Integer.MAX_VALUE) - 2 * KeyTable.BATCH;
            fill(budget, last);
        }
    }

    /**
     * Adds new keys until there is no room, in batches; but at the beginning of one there is one key, often, and with
     * values longer than the others. Returns how many were added.
     */
    private static long fill(long budget, long often) throws Exception {
        final int length = 40;
        final ValueTable table = new ValueTable(budget, partitions(),
            new ValueCombiner<>(new Join(), new BytesCodec(), new StringCodec()));
        final byte[] keys = new byte[(int) budget];
        new SplittableRandom(12).nextBytes(keys);
        final byte[] value = "a value that needs a node of its own, and is combined to a long one"
            .getBytes(StandardCharsets.UTF_8);
        long bytes = 0;
        int added = 0;
        while (true) {
            final boolean same = added >= often && added < often + 16;
            final int valueLength = same ? value.length : 1;
            if (!table.add(keys, same ? 0 : added * length, same ? 1 : length, value, 0, valueLength)) {
                break;
            }
            bytes += valueLength;
            added++;
        }
        final long[] drained = new long[1];
        final PairSink lengths = into(new ArrayList<>(), (array, offset, size) -> Long.toString(drained[0] += size));
        table.drain(lengths);
        // What found no room is still waiting, and has all of it now.
        assertTrue(table.settle());
        table.drain(lengths);
        assertEquals(bytes, drained[0]);
        return added;
    }
}
