package io.balsa.raft.testkit.linearizability;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/**
 * The operations of a search as numbers: which may take effect before which return, and a bit for each. An operation
 * needs its bit from its call to its return only, so a few words are enough for a history of any length; one that no
 * return forces keeps its bit to the end.
 *
 * @param returns the operations whose returns force them to have taken effect, in the order of their returns
 * @param live for each return, the operations that may take effect last before it: the returning one first, since only
 *     it must; then by return; then those that no return forces, by call
 * @param bits each operation's bit
 * @param twins for an open operation the one called last before it, open and with the same input, or -1: whichever of
 *     the two takes effect first, it can as well be the older one
 */
record Calls(int[] returns, int[][] live, int[] bits, int[] twins, int words) {
    /** @param until returns after this place force nothing */
    static <I, O> Calls of(List<Operation<I, O>> operations, long until) {
        final int[] returns = IntStream.range(0, operations.size())
            .filter(op -> operations.get(op).returned() <= until).boxed()
            .sorted(Comparator.comparingLong(op -> operations.get(op).returned()))
            .mapToInt(Integer::intValue).toArray();
        final int[][] live = new int[returns.length][];
        final int[] bits = new int[operations.size()];
        final PriorityQueue<Integer> freed = new PriorityQueue<>();
        final Comparator<Integer> byReturn = Comparator.comparingLong(op -> operations.get(op).returned());
        final List<Integer> forced = new ArrayList<>();
        final List<Integer> unforced = new ArrayList<>();
        int called = 0;
        int used = 0;
        for (int place = 0; place < returns.length; place++) {
            final int returning = returns[place];
            final long now = operations.get(returning).returned();
            while (called < operations.size() && operations.get(called).called() < now) {
                bits[called] = freed.isEmpty() ? used++ : freed.remove();
                (operations.get(called).returned() <= until ? forced : unforced).add(called);
                called++;
            }
            forced.sort(byReturn);
            final Deque<Integer> all = new ArrayDeque<>(forced);
            all.addAll(unforced);
            live[place] = all.stream().mapToInt(Integer::intValue).toArray();
            forced.removeFirst();
            freed.add(bits[returning]);
        }
        return new Calls(returns, live, bits, twins(operations), Math.max(1, (used + Long.SIZE - 1) / Long.SIZE));
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

    boolean isTaken(int op, long[] taken, int at) {
        return (taken[at + (bits[op] >> 6)] & (1L << bits[op])) != 0;
    }

    void take(int op, long[] taken) {
        taken[bits[op] >> 6] |= 1L << bits[op];
    }

    void release(int op, long[] taken) {
        taken[bits[op] >> 6] &= ~(1L << bits[op]);
    }
}
