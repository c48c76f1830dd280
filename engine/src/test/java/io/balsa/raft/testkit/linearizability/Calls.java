package io.balsa.raft.testkit.linearizability;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/**
 * The operations of a search as numbers: which may take effect before which return, and a bit for each. An operation
 * needs its bit from its call to its return only, so a few words are enough for a history of any length; one that no
 * return forces needs it until nothing that is to come could notice it.
 */
final class Calls {
    /** The bit of an operation that nobody could notice at all. */
    private static final int NONE = -1;

    private final int[] returns;
    private final int[][] live;
    private final int[][] expired;
    private final int[] bits;
    private final int[] twins;
    private final int words;

    private Calls(int[] returns, int[][] live, int[][] expired, int[] bits, int[] twins, int words) {
        this.returns = returns;
        this.live = live;
        this.expired = expired;
        this.bits = bits;
        this.twins = twins;
        this.words = words;
    }

    /** @param until returns after this place force nothing */
    static <I, O> Calls of(Model<?, I, O> model, List<Operation<I, O>> operations, long until) {
        final int[] returns = IntStream.range(0, operations.size())
            .filter(op -> operations.get(op).returned() <= until).boxed()
            .sorted(Comparator.comparingLong(op -> operations.get(op).returned()))
            .mapToInt(Integer::intValue).toArray();
        final int[][] live = new int[returns.length][];
        final int[][] expired = new int[returns.length][];
        final int[] bits = new int[operations.size()];
        Arrays.fill(bits, NONE);
        final PriorityQueue<Integer> freed = new PriorityQueue<>();
        final Comparator<Integer> byReturn = Comparator.comparingLong(op -> operations.get(op).returned());
        final List<Integer> forced = new ArrayList<>();
        final List<Integer> unforced = new ArrayList<>();
        final long[] noticed = lastNoticed(model, operations);
        int called = 0;
        int used = 0;
        for (int place = 0; place < returns.length; place++) {
            final int returning = returns[place];
            final long now = operations.get(returning).returned();
            expired[place] = unforced.stream().filter(op -> noticed[op] < now).mapToInt(op -> op).toArray();
            unforced.removeIf(op -> noticed[op] < now);
            Arrays.stream(expired[place]).forEach(op -> freed.add(bits[op]));
            for (; called < operations.size() && operations.get(called).called() < now; called++) {
                if (noticed[called] >= now) {
                    bits[called] = freed.isEmpty() ? used++ : freed.remove();
                    (operations.get(called).returned() <= until ? forced : unforced).add(called);
                }
            }
            forced.sort(byReturn);
            final Deque<Integer> all = new ArrayDeque<>(forced);
            all.addAll(unforced);
            live[place] = all.stream().mapToInt(Integer::intValue).toArray();
            forced.removeFirst();
            freed.add(bits[returning]);
        }
        final int words = Math.max(1, (used + Long.SIZE - 1) / Long.SIZE);
        return new Calls(returns, live, expired, bits, twins(operations), words);
    }

    /** For each open operation the last return of one that may notice it. */
    private static <I, O> long[] lastNoticed(Model<?, I, O> model, List<Operation<I, O>> operations) {
        final List<Operation<I, O>> latestFirst = operations.stream()
            .sorted(Comparator.<Operation<I, O>>comparingLong(Operation::returned).reversed()).toList();
        return operations.stream().mapToLong(open -> !open.isOpen() ? Operation.NEVER : latestFirst.stream()
            .filter(other -> !other.equals(open) && other.returned() > open.called() && model.mayNotice(open.input(),
                other.input(), other.isOpen() ? Optional.empty() : Optional.of(other.output())))
            .mapToLong(Operation::returned).findFirst().orElse(-1)).toArray();
    }

    private static <I, O> int[] twins(List<Operation<I, O>> operations) {
        final int[] twins = new int[operations.size()];
        final Map<I, Integer> last = new HashMap<>();
        for (int op = 0; op < twins.length; op++) {
            twins[op] = -1;
            if (operations.get(op).isOpen()) {
                final Integer twin = last.put(operations.get(op).input(), op);
                twins[op] = twin == null ? -1 : twin;
            }
        }
        return twins;
    }

    /** The operations whose returns force them to have taken effect, in the order of their returns. */
    int[] returns() {
        return returns;
    }

    /**
     * The operations that may take effect last before each return: the returning one first, since only it must; then by
     * return; then those that no return forces, by call.
     */
    int[][] live() {
        return live;
    }

    /**
     * For each open operation the one called last before it, open and with the same input, or -1: whichever of the two
     * takes effect first, it can as well be the older one.
     */
    int[] twins() {
        return twins;
    }

    /** How many hold all bits that are in use at once. */
    int words() {
        return words;
    }

    boolean hasBit(int op) {
        return bits[op] != NONE;
    }

    boolean isTaken(int op, long[] taken, int at) {
        return (taken[at + (bits[op] >> 6)] & (1L << bits[op])) != 0;
    }

    void take(int op, long[] taken) {
        taken[bits[op] >> 6] |= 1L << bits[op];
    }

    /** Goes past the return at {@code place}: its bit, and those that expire with it, are free for others. */
    void pass(int place, long[] taken) {
        release(returns[place], taken);
        if (place + 1 < returns.length) {
            for (final int op : expired[place + 1]) {
                release(op, taken);
            }
        }
    }

    private void release(int op, long[] taken) {
        taken[bits[op] >> 6] &= ~(1L << bits[op]);
    }
}
