package io.balsa.raft.testkit.linearizability;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * Writes down what clients do, as it happens. Any thread may call it, and the order of the calls is the order of the
 * events. Call {@link #invoked} before a request leaves and {@link #returned} after its reply has come: what is
 * recorded is then never shorter than what happened, so that a correct service is never accused.
 */
public final class Recorder<I, O> {
    private final LongSupplier clockNs;
    private final List<Entry<I, O>> entries = new ArrayList<>();
    private long events;

    /** @param clockNs says when something happened, for people only: virtual time, or {@code System::nanoTime} */
    public Recorder(LongSupplier clockNs) {
        this.clockNs = clockNs;
    }

    /**
     * A client is about to ask.
     *
     * @param client whose row it is drawn in; a client may have several operations under way
     * @return the operation's number, for one of the other methods
     */
    public synchronized int invoked(int client, I input) {
        entries.add(new Entry<>(client, input, events++, clockNs.getAsLong()));
        return entries.size() - 1;
    }

    /**
     * The client has its answer.
     *
     * @param output not null: an answer without content is some value as well
     */
    public synchronized void returned(int operation, O output) {
        Objects.requireNonNull(output, "output");
        final Entry<I, O> entry = end(operation, End.RETURNED);
        entry.output = output;
        entry.returned = events++;
        entry.returnedNs = clockNs.getAsLong();
    }

    /** It is certain that the operation did not happen and never will: a refusal, not a timeout. */
    public synchronized void failed(int operation) {
        end(operation, End.FAILED);
    }

    /** The client has given up, and does not know whether the operation happened or yet will. */
    public synchronized void unknown(int operation) {
        end(operation, End.UNKNOWN);
    }

    /** All until now; what has not ended stays open. */
    public synchronized History<I, O> history() {
        return new History<>(entries.stream().filter(entry -> entry.end != End.FAILED).map(Entry::operation).toList());
    }

    private Entry<I, O> end(int operation, End end) {
        final Entry<I, O> entry = entries.get(operation);
        if (entry.end != End.NONE) {
            throw new IllegalStateException("operation " + operation + " of client " + entry.client
                + " has already ended (" + entry.end + "); end each operation once");
        }
        entry.end = end;
        return entry;
    }

    private enum End { NONE, RETURNED, FAILED, UNKNOWN }

    private static final class Entry<I, O> {
        private final int client;
        private final I input;
        private final long called;
        private final long calledNs;
        private End end = End.NONE;
        private O output;
        private long returned = Operation.NEVER;
        private long returnedNs = Operation.NEVER;

        private Entry(int client, I input, long called, long calledNs) {
            this.client = client;
            this.input = input;
            this.called = called;
            this.calledNs = calledNs;
        }

        private Operation<I, O> operation() {
            return new Operation<>(client, input, output, called, returned, calledNs, returnedNs);
        }
    }
}
