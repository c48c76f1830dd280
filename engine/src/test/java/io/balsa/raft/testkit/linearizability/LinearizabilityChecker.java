package io.balsa.raft.testkit.linearizability;

import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Decides whether a {@link History} is linearizable. An open operation may take effect at any time after its call, or
 * never. The same history always gets the same verdict, unless a time limit is set.
 *
 * <p>Deciding this is NP-complete, and what makes it hard is many operations under way at once on one partition; hence
 * the budget. It can be used again and from several threads.
 */
public final class LinearizabilityChecker<S, I, O> {
    /** What a check may cost for each partition unless told: a few seconds and a few hundred megabytes at worst. */
    public static final long DEFAULT_BUDGET = 1_000_000;

    private final Model<S, I, O> model;
    private final long budget;
    private final Clock clock;

    private record Clock(long limitNs, LongSupplier nowNs) {
        private static final Clock NONE = new Clock(Long.MAX_VALUE, () -> 0);

        private BooleanSupplier started() {
            final long startNs = nowNs.getAsLong();
            return () -> nowNs.getAsLong() - startNs >= limitNs;
        }
    }

    private LinearizabilityChecker(Model<S, I, O> model, long budget, Clock clock) {
        this.model = model;
        this.budget = budget;
        this.clock = clock;
    }

    /** With the {@link #DEFAULT_BUDGET} and no time limit. */
    public static <S, I, O> LinearizabilityChecker<S, I, O> of(Model<S, I, O> model) {
        return new LinearizabilityChecker<>(model, DEFAULT_BUDGET, Clock.NONE);
    }

    /**
     * Another budget.
     *
     * @param configurations that the search may go into for each partition: a state, together with which operations
     *     under way have taken effect
     */
    public LinearizabilityChecker<S, I, O> withBudget(long configurations) {
        return new LinearizabilityChecker<>(model, configurations, clock);
    }

    /**
     * A time for a whole check besides its budget, after which it is unknown. Describing a failure comes on top: at
     * most {@value Shrinking#BUDGET} configurations.
     *
     * @param nowNs the clock, such as {@code System::nanoTime}
     */
    public LinearizabilityChecker<S, I, O> withTimeLimit(Duration limit, LongSupplier nowNs) {
        return new LinearizabilityChecker<>(model, budget, new Clock(limit.toNanos(), nowNs));
    }

    /**
     * Checks each partition by itself. One that has no order decides, whatever is unknown of others.
     *
     * @throws IllegalArgumentException as the model's: an output is none of this input's
     */
    public Verdict check(History<I, O> history) {
        final Limit limit = new Limit(budget, clock.started());
        final List<String> unknown = new ArrayList<>();
        long explored = 0;
        for (final Map.Entry<Object, List<Integer>> part : partitions(history).entrySet()) {
            final List<Operation<I, O>> operations = part.getValue().stream().map(history.operations()::get).toList();
            final Search<S, I, O> search = new Search<>(model, operations, Operation.NEVER - 1, limit);
            switch (search.run(List.of(new Search.Start<>(model.initialState(), new BitSet())))) {
                case FOUND -> explored += search.explored();
                case IMPOSSIBLE -> {
                    return new Verdict.NotLinearizable(
                        new Shrinking<>(model, operations, search).window(part.getKey().toString(), part.getValue()));
                }
                case TOO_MANY -> unknown.add(part.getKey() + ": more than " + budget + " configurations; raise the "
                    + "budget, or record fewer operations under way at once");
                case TOO_LATE -> unknown.add(part.getKey() + ": out of time after " + search.explored()
                    + " configurations; raise the time limit");
            }
        }
        return unknown.isEmpty() ? new Verdict.Linearizable(explored) : new Verdict.Unknown(String.join("; ", unknown));
    }

    /** Each part's operations, as their numbers in the history; parts in the order of their first calls. */
    private Map<Object, List<Integer>> partitions(History<I, O> history) {
        final Map<Object, List<Integer>> parts = new LinkedHashMap<>();
        for (int op = 0; op < history.size(); op++) {
            parts.computeIfAbsent(model.partition(history.operations().get(op).input()), key -> new ArrayList<>())
                .add(op);
        }
        return parts;
    }
}
