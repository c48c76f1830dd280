package io.balsa.raft.linearizability;

import io.balsa.raft.testkit.linearizability.LinearizabilityChecker;
import io.balsa.raft.testkit.linearizability.Model;
import io.balsa.raft.testkit.linearizability.Recorder;
import io.balsa.raft.testkit.linearizability.Verdict;

/** A history written by hand, event by event, a microsecond apart. */
final class Script<I, O> {
    private long nowNs;
    private final Recorder<I, O> recorder = new Recorder<>(() -> nowNs += 1_000);

    /** Stays open until it is {@link #answered}. */
    int calls(int client, I input) {
        return recorder.invoked(client, input);
    }

    Script<I, O> answered(int operation, O output) {
        recorder.returned(operation, output);
        return this;
    }

    /** A call and its return, with nothing between. */
    Script<I, O> does(int client, I input, O output) {
        return answered(calls(client, input), output);
    }

    Recorder<I, O> recorder() {
        return recorder;
    }

    <S> Verdict under(Model<S, I, O> model) {
        return LinearizabilityChecker.of(model).check(recorder.history());
    }
}
