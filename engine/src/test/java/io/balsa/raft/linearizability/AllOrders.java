package io.balsa.raft.linearizability;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.balsa.raft.testkit.linearizability.Model;
import io.balsa.raft.testkit.linearizability.Operation;

/**
 * The definition of linearizability, tried out: every order of every choice that has all answered operations. Knows
 * nothing of partitions, memos or bits, and takes a factorial time.
 */
final class AllOrders<S, I, O> {
    private final Model<S, I, O> model;
    private final List<Operation<I, O>> operations;

    private AllOrders(Model<S, I, O> model, List<Operation<I, O>> operations) {
        this.model = model;
        this.operations = operations;
    }

    /** Of one partition. */
    static <S, I, O> boolean isOneLinear(Model<S, I, O> model, List<Operation<I, O>> operations) {
        return new AllOrders<>(model, operations).extend(new ArrayList<>(), model.initialState());
    }

    private boolean extend(List<Operation<I, O>> order, S state) {
        if (operations.stream().allMatch(operation -> operation.isOpen() || order.contains(operation))) {
            return true;
        }
        for (final Operation<I, O> next : operations) {
            final boolean afterAll = order.stream().noneMatch(earlier -> next.returned() < earlier.called());
            if (afterAll && !order.contains(next)) {
                final Optional<S> after = next.isOpen() ? Optional.of(model.stepUnseen(state, next.input()))
                    : model.step(state, next.input(), next.output());
                order.add(next);
                if (after.isPresent() && extend(order, after.get())) {
                    return true;
                }
                order.removeLast();
            }
        }
        return false;
    }
}
