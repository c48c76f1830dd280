package io.balsa.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Appends the tokens {@code 0; 1; 2; ...} to one key, one after the other, and remembers what it was told of each.
 * APPEND is what shows a command that ran twice: its token stands in the value twice.
 */
final class AppendWriter {
    /** What became of one token. */
    enum Told {
        DONE, NOT_DONE, UNKNOWN
    }

    /** Appends to the key this writer was made for. */
    @FunctionalInterface
    interface Append {
        Told append(String token);
    }

    private final Append append;
    private final List<Told> told = new ArrayList<>();
    private final AtomicLong lastDoneNs = new AtomicLong(Long.MIN_VALUE);
    private final Thread thread;
    private volatile boolean stop;

    AppendWriter(String name, Append append) {
        this.append = append;
        this.thread = Thread.ofVirtual().name(name).unstarted(this::run);
    }

    AppendWriter start() {
        thread.start();
        return this;
    }

    /** Ends after the append that is under way. */
    void stop() throws InterruptedException {
        stop = true;
        thread.join();
    }

    /** When the newest acknowledgement came, by {@link System#nanoTime}; {@link Long#MIN_VALUE} before the first. */
    long lastDoneNs() {
        return lastDoneNs.get();
    }

    /** After {@link #stop}. */
    int done() {
        return (int) told.stream().filter(Told.DONE::equals).count();
    }

    /** After {@link #stop}: compares what the store holds with what was told. */
    void check(String name, String value) {
        final Set<Integer> found = new HashSet<>();
        int last = -1;
        for (final String word : value.split(";", -1)) {
            if (!word.isEmpty()) {
                final int token = Integer.parseInt(word);
                assertTrue(found.add(token), name + ": token " + token + " was executed twice");
                assertTrue(token > last, name + ": token " + token + " stands after " + last);
                last = token;
            }
        }
        for (int token = 0; token < told.size(); token++) {
            switch (told.get(token)) {
                case DONE -> assertTrue(found.contains(token), name + ": acknowledged token " + token + " is lost");
                case NOT_DONE ->
                    assertFalse(found.contains(token), name + ": token " + token + " was refused and executed");
                case UNKNOWN -> {
                    // either is right
                }
            }
        }
        assertEquals(Set.of(), Set.copyOf(found.stream().filter(token -> token >= told.size()).toList()),
            name + ": tokens that were never sent");
    }

    private void run() {
        while (!stop) {
            final Told outcome = append.append(told.size() + ";");
            told.add(outcome);
            if (outcome == Told.DONE) {
                lastDoneNs.set(System.nanoTime());
            }
        }
    }
}
