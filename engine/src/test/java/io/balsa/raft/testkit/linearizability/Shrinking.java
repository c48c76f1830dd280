package io.balsa.raft.testkit.linearizability;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Makes a failed search into the smallest window that still shows the failure, by steps that cannot make up one:
 * <ol>
 *   <li>What was called after the return where the search got stuck is left away; the search never came to it.
 *   <li>The window opens at the last return from which the stuck answer was still possible, had the other operations
 *       from there on been open. All states reachable by then stand for what was before: the failed search has seen
 *       each.
 *   <li>In the window an operation is left out if there is no order even with it open, that is, wherever after its call
 *       it takes effect, and if it never does. A write that could explain the stuck read is never left out:
 *       late, it would.
 * </ol>
 */
final class Shrinking<S, I, O> {
    /** Configurations to go into for it: what is not known to be superfluous by then stays. */
    static final int BUDGET = 200_000;
    private static final int END_OF_ORDER = 8;

    private final Model<S, I, O> model;
    private final List<Operation<I, O>> operations;
    private final Search<S, I, O> failed;
    private final int stuck;
    private int left = BUDGET;

    /** @param failed has found that there is no order */
    Shrinking(Model<S, I, O> model, List<Operation<I, O>> operations, Search<S, I, O> failed) {
        this.model = model;
        this.operations = operations;
        this.failed = failed;
        this.stuck = failed.stuck();
    }

    /** From a return on: who was under way or came later, and how it may have stood before. */
    private record Cut<S>(long from, List<Integer> members, List<Search.Start<S>> starts) { }

    private record Finding<S>(Cut<S> cut, Set<Integer> needed, String claim) { }

    /** @param numbers of the operations in the history */
    Window window(String partition, List<Integer> numbers) {
        final Finding<S> finding = find();
        final List<Search.Effect<S>> order = failed.longest();
        final Map<Integer, Integer> places = new HashMap<>();
        for (int place = 0; place < order.size(); place++) {
            places.put(order.get(place).operation(), place);
        }
        final Set<Integer> shown = new TreeSet<>(finding.needed());
        shown.addAll(cutAt(failed.stuckPlace()).members());
        order.stream().skip(Math.max(0, order.size() - END_OF_ORDER)).forEach(end -> shown.add(end.operation()));
        final List<Window.Entry> entries = shown.stream().map(op -> {
            final Operation<I, O> operation = operations.get(op);
            final Optional<Integer> place = Optional.ofNullable(places.get(op));
            final Window.Role role = op == stuck ? Window.Role.STUCK
                : finding.needed().contains(op) ? Window.Role.NEEDED : Window.Role.CONTEXT;
            return new Window.Entry(numbers.get(op), operation.client(), words(operation), operation.called(),
                operation.returned(), operation.calledNs(), operation.returnedNs(), role,
                place.map(p -> p + 1).orElse(0), place.map(p -> model.describeState(order.get(p).after())).orElse(""));
        }).toList();
        return new Window(partition, finding.cut().from(),
            finding.cut().starts().stream().map(start -> model.describeState(start.state())).distinct().toList(),
            finding.claim(), order.size(),
            model.describeState(order.isEmpty() ? model.initialState() : order.getLast().after()), entries);
    }

    private Finding<S> find() {
        final Cut<S> last = cutAt(failed.stuckPlace());
        for (int place = failed.stuckPlace(); place >= 0; place--) {
            final Cut<S> cut = cutAt(place);
            final Set<Integer> others = new TreeSet<>(cut.members());
            others.remove(stuck);
            switch (search(cut, others)) {
                case FOUND -> {
                    return neededOf(cut, others);
                }
                case TOO_MANY, TOO_LATE -> {
                    return place < failed.stuckPlace()
                        ? new Finding<>(last, Set.of(stuck), "that answer is not possible then, whatever took effect:")
                        : new Finding<>(last, Set.copyOf(cut.members()), "these have no order:");
                }
                case IMPOSSIBLE -> { }
            }
        }
        return new Finding<>(last, Set.of(stuck),
            "that answer was never possible, whichever operations took effect, and whenever after their calls:");
    }

    private Finding<S> neededOf(Cut<S> cut, Set<Integer> others) {
        final Set<Integer> opened = new TreeSet<>();
        for (final int op : others) {
            opened.add(op);
            if (search(cut, opened) != Search.End.IMPOSSIBLE) {
                opened.remove(op);
            }
        }
        final Set<Integer> needed = new TreeSet<>(cut.members());
        needed.removeAll(opened);
        return new Finding<>(cut, needed, "these " + needed.size() + " have no order"
            + (opened.isEmpty() ? ":" : ", even if the other " + opened.size()
                + " of that time took effect at any time after their calls, or never:"));
    }

    private Cut<S> cutAt(int place) {
        final long from = place == 0 ? -1 : operations.get(failed.returns()[place - 1]).returned();
        final long until = operations.get(stuck).returned();
        final List<Integer> members = IntStream.range(0, operations.size())
            .filter(op -> operations.get(op).returned() > from && operations.get(op).called() < until)
            .boxed().toList();
        return new Cut<>(from, members, failed.reachable(place));
    }

    private Search.End search(Cut<S> cut, Set<Integer> opened) {
        final Map<Integer, Integer> numbers = IntStream.range(0, cut.members().size()).boxed()
            .collect(Collectors.toMap(cut.members()::get, number -> number));
        final List<Operation<I, O>> members = new ArrayList<>();
        cut.members().forEach(op ->
            members.add(opened.contains(op) ? operations.get(op).opened() : operations.get(op)));
        final List<Search.Start<S>> starts = cut.starts().stream().map(start -> {
            final BitSet taken = new BitSet();
            start.taken().stream().map(numbers::get).forEach(taken::set);
            return new Search.Start<>(start.state(), taken);
        }).toList();
        final Search<S, I, O> search =
            new Search<>(model, members, operations.get(stuck).returned(), Limit.of(left));
        final Search.End end = search.run(starts);
        left = Math.max(0, left - search.explored());
        return end;
    }

    private String words(Operation<I, O> operation) {
        return model.describe(operation.input())
            + (operation.isOpen() ? " -> ?" : " -> " + model.describeOutput(operation.input(), operation.output()));
    }
}
