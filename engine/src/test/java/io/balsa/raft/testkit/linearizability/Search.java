package io.balsa.raft.testkit.linearizability;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.agrona.collections.IntArrayList;

/**
 * Looks for an order in which the operations of one partition can have taken effect: the search of Wing and Gong (1993)
 * with the memo of Lowe (2017) and his just-in-time order. It goes from return to return. Before each, the returning
 * operation must take effect; any other that is under way may, and only for the sake of it. What lies ahead depends on
 * nothing but the place, the state, and which of the operations under way have taken effect: no such configuration is
 * gone into twice.
 */
final class Search<S, I, O> {
    private static final int IMPOSSIBLE = -1;
    private static final int LOOK_AT_CLOCK = 1 << 10;

    private final Model<S, I, O> model;
    private final List<Operation<I, O>> operations;
    private final Calls calls;
    private final Limit limit;
    private final List<S> states = new ArrayList<>();
    private final Map<S, Integer> numbers = new HashMap<>();
    private final Configurations met;
    private final long[] taken;

    // The way to the present configuration, a row for each operation that has taken effect; row 0 is the start.
    private int depth;
    private int[] places = new int[64];
    private int[] stateAt = new int[64];
    private int[] effects = new int[64];
    private int[] tried = new int[64];
    private long[] takenAt;

    // The way that came furthest.
    private int furthest = -1;
    private int length;
    private int[] longestEffects = new int[0];
    private int[] longestStates = new int[0];

    private long steps;
    private List<IntArrayList> rowsByPlace;

    /** How a search ends. */
    enum End { FOUND, IMPOSSIBLE, TOO_MANY, TOO_LATE }

    /** A configuration to start from: some operations have taken effect before, the state shows them. */
    record Start<S>(S state, BitSet taken) { }

    /** An operation takes effect. */
    record Effect<S>(int operation, S after) { }

    /**
     * @param operations in the order of their calls
     * @param until only the operations that returned until this place must take effect; what is known of the answers of
     *     the others holds if they do
     */
    Search(Model<S, I, O> model, List<Operation<I, O>> operations, long until, Limit limit) {
        this.model = model;
        this.operations = operations;
        this.calls = Calls.of(model, operations, until);
        this.limit = limit;
        this.met = new Configurations(calls.words());
        this.taken = new long[calls.words()];
        this.takenAt = new long[64 * calls.words()];
    }

    /** From any of the starts. To be called once. */
    End run(List<Start<S>> starts) {
        for (final Start<S> start : starts) {
            depth = -1;
            Arrays.fill(taken, 0);
            start.taken().stream().filter(calls::hasBit).forEach(op -> calls.take(op, taken));
            final End end = enter(-1, 0, number(start.state())) ? End.FOUND : explore();
            if (end != End.IMPOSSIBLE) {
                return end;
            }
        }
        return End.IMPOSSIBLE;
    }

    /** Configurations gone into so far. */
    int explored() {
        return met.size();
    }

    /** Where the search was stuck at last: the first operation that can have no place in any order. */
    int stuck() {
        return calls.returns()[furthest];
    }

    /** Its return's place among the returns. */
    int stuckPlace() {
        return furthest;
    }

    /** The longest order that ends where the search was stuck. */
    List<Effect<S>> longest() {
        final List<Effect<S>> way = new ArrayList<>(length);
        for (int i = 0; i < length; i++) {
            way.add(new Effect<>(longestEffects[i], states.get(longestStates[i])));
        }
        return way;
    }

    int[] returns() {
        return calls.returns();
    }

    /**
     * All that the history may have come to just after the return before {@code place}. Exact only when the search
     * ended with {@link End#IMPOSSIBLE}: then there is nothing it has not seen.
     */
    List<Start<S>> reachable(int place) {
        final long cut = place == 0 ? -1 : operations.get(calls.returns()[place - 1]).returned();
        if (rowsByPlace == null) {
            rowsByPlace = met.rowsByPlace(calls.returns().length);
        }
        final Map<Start<S>, Integer> found = new HashMap<>();
        rowsByPlace.get(place).forEachInt(row -> {
            final long[] done = met.takenAt(row);
            final int[] ops = Arrays.stream(calls.live()[place]).filter(op -> calls.isTaken(op, done, 0)).toArray();
            if (Arrays.stream(ops).allMatch(op -> operations.get(op).called() < cut)) {
                final BitSet before = new BitSet();
                Arrays.stream(ops).forEach(before::set);
                found.put(new Start<>(states.get(met.stateAt(row)), before), met.stateAt(row));
            }
        });
        return found.entrySet().stream()
            .sorted(Map.Entry.<Start<S>, Integer>comparingByValue()
                .thenComparing(entry -> entry.getKey().taken().toString()))
            .map(Map.Entry::getKey).toList();
    }

    private End explore() {
        while (depth >= 0) {
            if (met.size() > limit.configurations()) {
                return End.TOO_MANY;
            }
            if (steps++ % LOOK_AT_CLOCK == 0 && limit.isPast()) {
                return End.TOO_LATE;
            }
            final int place = places[depth];
            final int[] live = calls.live()[place];
            if (tried[depth] == live.length) {
                depth--;
                continue;
            }
            final int op = live[tried[depth]++];
            final int words = calls.words();
            if (calls.isTaken(op, takenAt, depth * words) || waitsForTwin(op, depth * words)) {
                continue;
            }
            final int next = next(op, stateAt[depth]);
            if (next != IMPOSSIBLE) {
                System.arraycopy(takenAt, depth * words, taken, 0, words);
                calls.take(op, taken);
                if (enter(op, place, next)) {
                    return End.FOUND;
                }
            }
        }
        return End.IMPOSSIBLE;
    }

    private boolean waitsForTwin(int op, int at) {
        final int twin = calls.twins()[op];
        return twin >= 0 && !calls.isTaken(twin, takenAt, at);
    }

    /** The state after an operation, or that it cannot take effect here, or need not. */
    private int next(int op, int state) {
        final Operation<I, O> operation = operations.get(op);
        final S before = states.get(state);
        if (operation.isOpen()) {
            final int next = number(model.stepUnseen(before, operation.input()));
            // Nothing forces an open operation, and one without effect only loses the chance to have one later.
            return next == state ? IMPOSSIBLE : next;
        }
        return model.step(before, operation.input(), operation.output()).stream()
            .mapToInt(this::number).findFirst().orElse(IMPOSSIBLE);
    }

    private int number(S state) {
        final Integer known = numbers.putIfAbsent(state, states.size());
        if (known == null) {
            states.add(state);
            return states.size() - 1;
        }
        return known;
    }

    /** Passes all returns whose operations have taken effect; whether that were all. */
    private boolean enter(int op, int from, int state) {
        int place = from;
        // Every place passed is noted, so that all that is reachable there can be asked for.
        while (place < calls.returns().length && met.add(place, state, taken)) {
            if (!calls.isTaken(calls.returns()[place], taken, 0)) {
                push(op, place, state);
                return false;
            }
            calls.pass(place, taken);
            place++;
        }
        return place == calls.returns().length;
    }

    private void push(int op, int place, int state) {
        depth++;
        if (depth == places.length) {
            places = Arrays.copyOf(places, 2 * depth);
            stateAt = Arrays.copyOf(stateAt, 2 * depth);
            effects = Arrays.copyOf(effects, 2 * depth);
            tried = Arrays.copyOf(tried, 2 * depth);
            takenAt = Arrays.copyOf(takenAt, 2 * takenAt.length);
        }
        places[depth] = place;
        stateAt[depth] = state;
        effects[depth] = op;
        tried[depth] = 0;
        System.arraycopy(taken, 0, takenAt, depth * calls.words(), calls.words());
        if (place > furthest || (place == furthest && depth > length)) {
            if (longestEffects.length < places.length) {
                longestEffects = new int[places.length];
                longestStates = new int[places.length];
            }
            furthest = place;
            length = depth;
            System.arraycopy(effects, 1, longestEffects, 0, depth);
            System.arraycopy(stateAt, 1, longestStates, 0, depth);
        }
    }
}
