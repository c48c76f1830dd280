package io.balsa.raft.linearizability;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.random.RandomGenerator;

import io.balsa.raft.testkit.linearizability.History;
import io.balsa.raft.testkit.linearizability.Recorder;

/**
 * Clients of one object that does one thing at a time. Calls, effects and returns are drawn one by one, so that they
 * overlap in all ways; some clients give up, and of what they asked some takes effect late and some never.
 */
final class RandomClients<S, I, O> {
    private static final double GIVES_UP = 0.1;

    private final RandomGenerator random;
    private final Function<RandomGenerator, I> requests;
    private final BiFunction<S, I, Effect<S, O>> object;
    private final Recorder<I, O> recorder = new Recorder<>(() -> 0);
    private final List<Waiting> givenUp = new ArrayList<>();
    private S state;

    record Effect<S, O>(S state, O output) { }

    /** An operation under way. */
    private final class Waiting {
        private final int operation;
        private final I input;
        private Optional<O> output = Optional.empty();

        private Waiting(int client) {
            this.input = requests.apply(random);
            this.operation = recorder.invoked(client, input);
        }

        private void takeEffect() {
            final Effect<S, O> effect = object.apply(state, input);
            state = effect.state();
            output = Optional.of(effect.output());
        }
    }

    RandomClients(RandomGenerator random, S initial, Function<RandomGenerator, I> requests,
                  BiFunction<S, I, Effect<S, O>> object) {
        this.random = random;
        this.state = initial;
        this.requests = requests;
        this.object = object;
    }

    History<I, O> run(int clients, int operations) {
        final List<Optional<Waiting>> waiting = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            waiting.add(Optional.empty());
        }
        for (int asked = 0; asked < operations || waiting.stream().anyMatch(Optional::isPresent);) {
            final int client = random.nextInt(clients);
            final Optional<Waiting> own = waiting.get(client);
            if (own.isEmpty() && asked < operations) {
                waiting.set(client, Optional.of(new Waiting(client)));
                asked++;
            } else if (own.isPresent() && random.nextDouble() < GIVES_UP) {
                giveUp(own.get());
                waiting.set(client, Optional.empty());
            } else if (own.isPresent() && own.get().output.isEmpty()) {
                own.get().takeEffect();
            } else if (own.isPresent()) {
                recorder.returned(own.get().operation, own.get().output.get());
                waiting.set(client, Optional.empty());
            }
            if (!givenUp.isEmpty() && random.nextInt(8) == 0) {
                givenUp.remove(random.nextInt(givenUp.size())).takeEffect();
            }
        }
        return recorder.history();
    }

    private void giveUp(Waiting operation) {
        recorder.unknown(operation.operation);
        if (operation.output.isEmpty()) {
            givenUp.add(operation);
        }
    }
}
