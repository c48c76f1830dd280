package io.balsa.raft.linearizability;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.balsa.raft.testkit.linearizability.History;
import io.balsa.raft.testkit.linearizability.KeyValue;
import io.balsa.raft.testkit.linearizability.LinearizabilityChecker;
import io.balsa.raft.testkit.linearizability.Model;
import io.balsa.raft.testkit.linearizability.Operation;
import io.balsa.raft.testkit.linearizability.Register;
import io.balsa.raft.testkit.linearizability.Verdict;
import io.balsa.raft.testkit.linearizability.Window;
import org.junit.jupiter.api.Test;

/**
 * Histories drawn from a real object that does one thing at a time are accepted, whatever their size; with one reply
 * falsified they are rejected exactly when no order of the operations explains them.
 */
final class RandomHistoriesTest {
    private static final int HISTORIES = 2_000;
    private static final Register<Integer> REGISTER = new Register<>();
    private static final KeyValue STORE = new KeyValue();

    @Test
    void aRegistersHistoriesAreAcceptedAndFalsifiedOnesJudgedAsByTryingAllOrders() {
        int rejected = 0;
        for (int seed = 0; seed < HISTORIES; seed++) {
            final RandomGenerator random = new SplittableRandom(seed);
            final var good = register(random, 4, 2 + random.nextInt(6));
            requireAccepted(REGISTER, good, seed);
            rejected += judgedAlike(REGISTER, falsified(good, random, reply -> falseReply(reply, random)), seed);
        }
        assertBothHappen(rejected);
    }

    @Test
    void aStoresHistoriesAreAcceptedAndFalsifiedOnesJudgedAsByTryingAllOrders() {
        int rejected = 0;
        for (int seed = 0; seed < HISTORIES; seed++) {
            final RandomGenerator random = new SplittableRandom(seed);
            final var good = store(random, 4, 2 + random.nextInt(6), 1, 3);
            requireAccepted(STORE, good, seed);
            rejected += judgedAlike(STORE, falsified(good, random, reply -> falseValue(reply, random)), seed);
        }
        assertBothHappen(rejected);
    }

    @Test
    void longHistoriesAreAccepted() {
        for (int seed = 0; seed < 20; seed++) {
            requireAccepted(REGISTER, register(new SplittableRandom(seed), 6, 120), seed);
            requireAccepted(STORE, store(new SplittableRandom(seed), 12, 600, 8, 1_000), seed);
        }
    }

    @Test
    void fiftyClientsOnTenKeysStayFarWithinTheBudget() {
        final var history = store(new SplittableRandom(50), 50, 5_000, 10, 1_000_000);
        final Verdict.Linearizable verdict = assertInstanceOf(Verdict.Linearizable.class,
            LinearizabilityChecker.of(STORE).check(history));
        assertTrue(verdict.explored() < LinearizabilityChecker.DEFAULT_BUDGET,
            "all ten keys together: " + verdict.explored());
    }

    private static <S, I, O> void requireAccepted(Model<S, I, O> model, History<I, O> history, int seed) {
        assertInstanceOf(Verdict.Linearizable.class, LinearizabilityChecker.of(model).check(history), "seed " + seed);
    }

    /** Whether it is rejected, as 1 or 0. */
    private static <S, I, O> int judgedAlike(Model<S, I, O> model, History<I, O> history, int seed) {
        final boolean expected = AllOrders.isOneLinear(model, history.operations());
        return switch (LinearizabilityChecker.of(model).check(history)) {
            case Verdict.Linearizable linearizable -> {
                assertTrue(expected, "seed " + seed + " is accepted and has no order: " + history);
                yield 0;
            }
            case Verdict.NotLinearizable bad -> {
                assertFalse(expected, "seed " + seed + " is rejected and has an order: " + bad);
                requireContradiction(model, history, bad.window(), seed);
                yield 1;
            }
            case Verdict.Unknown(String reason) -> throw new AssertionError("seed " + seed + ": " + reason);
        };
    }

    /** What the window leaves out is not needed: free of their answers and returns, the others mend nothing. */
    private static <S, I, O> void requireContradiction(Model<S, I, O> model, History<I, O> history, Window window,
                                                       int seed) {
        final Set<Integer> kept = window.entries().stream().filter(entry -> entry.role() != Window.Role.CONTEXT)
            .map(Window.Entry::number).collect(Collectors.toSet());
        final List<Operation<I, O>> freed = new ArrayList<>();
        for (int number = 0; number < history.size(); number++) {
            final Operation<I, O> operation = history.operations().get(number);
            if (operation.called() < window.stuck().returned()) {
                freed.add(kept.contains(number) || operation.called() < window.from() ? operation : opened(operation));
            }
        }
        assertFalse(AllOrders.isOneLinear(model, freed), "seed " + seed + " claims too much: " + window.text());
    }

    private static <I, O> Operation<I, O> opened(Operation<I, O> operation) {
        return new Operation<>(operation.client(), operation.input(), null, operation.called(), Operation.NEVER,
            operation.calledNs(), Operation.NEVER);
    }

    private static void assertBothHappen(int rejected) {
        assertTrue(rejected > HISTORIES / 4, "rejected: " + rejected);
        assertTrue(rejected < HISTORIES * 9 / 10, "rejected: " + rejected);
    }

    private static <I, O> History<I, O> falsified(History<I, O> history, RandomGenerator random,
                                                  UnaryOperator<O> falsify) {
        final int[] answered = IntStream.range(0, history.size())
            .filter(number -> !history.operations().get(number).isOpen()).toArray();
        final List<Operation<I, O>> operations = new ArrayList<>(history.operations());
        if (answered.length > 0) {
            final int number = answered[random.nextInt(answered.length)];
            final Operation<I, O> op = operations.get(number);
            operations.set(number, new Operation<>(op.client(), op.input(), falsify.apply(op.output()), op.called(),
                op.returned(), op.calledNs(), op.returnedNs()));
        }
        return new History<>(operations);
    }

    private static Register.Reply<Integer> falseReply(Register.Reply<Integer> reply, RandomGenerator random) {
        return switch (reply) {
            case Register.Value<Integer> value -> new Register.Value<>(Optional.of(random.nextInt(3)));
            case Register.Written<Integer> written -> written;
            case Register.Swapped<Integer>(boolean swapped) -> new Register.Swapped<>(!swapped);
        };
    }

    /** Loses, repeats or exchanges something. */
    private static String falseValue(String value, RandomGenerator random) {
        return switch (random.nextInt(3)) {
            case 0 -> value.isEmpty() ? "a" : value.substring(1);
            case 1 -> value.isEmpty() ? "b" : value.substring(0, value.length() - 1);
            default -> new StringBuilder(value).reverse().append(value.isEmpty() ? "c" : "").toString();
        };
    }

    private static History<Register.Request<Integer>, Register.Reply<Integer>> register(RandomGenerator random,
                                                                                      int clients, int operations) {
        return new RandomClients<Optional<Integer>, Register.Request<Integer>, Register.Reply<Integer>>(random,
            Optional.empty(),
            dice -> switch (dice.nextInt(3)) {
                case 0 -> new Register.Read<>();
                case 1 -> new Register.Write<>(dice.nextInt(3));
                default -> new Register.CompareAndSet<>(dice.nextInt(3), dice.nextInt(3));
            },
            (value, request) -> switch (request) {
                case Register.Read<Integer>() -> new RandomClients.Effect<>(value, new Register.Value<>(value));
                case Register.Write<Integer>(Integer next) ->
                    new RandomClients.Effect<>(Optional.of(next), new Register.Written<>());
                case Register.CompareAndSet<Integer>(Integer expected, Integer next) ->
                    value.equals(Optional.of(expected))
                        ? new RandomClients.Effect<>(Optional.of(next), new Register.Swapped<>(true))
                        : new RandomClients.Effect<>(value, new Register.Swapped<>(false));
            }).run(clients, operations);
    }

    /** A real map, apart from the model it is judged by. */
    private static History<KeyValue.Request, String> store(RandomGenerator random, int clients, int operations,
                                                           int keys, int values) {
        final Map<String, String> map = new HashMap<>();
        return new RandomClients<Integer, KeyValue.Request, String>(random, 0,
            dice -> {
                final String key = "k" + dice.nextInt(keys);
                final String value = dice.nextInt(values) + ".";
                return switch (dice.nextInt(9)) {
                    case 0 -> KeyValue.put(key, value);
                    case 1, 2, 3 -> KeyValue.append(key, value);
                    default -> KeyValue.get(key);
                };
            },
            (nothing, request) -> new RandomClients.Effect<>(nothing, switch (request) {
                case KeyValue.Get(String key) -> map.getOrDefault(key, "");
                case KeyValue.Put(String key, String value) -> {
                    map.put(key, value);
                    yield "";
                }
                case KeyValue.Append(String key, String value) -> {
                    map.merge(key, value, String::concat);
                    yield "";
                }
            })).run(clients, operations);
    }
}
