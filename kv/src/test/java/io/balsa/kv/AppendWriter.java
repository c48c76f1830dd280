package io.balsa.kv;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Appends the tokens {@code 0; 1; 2; ...} to the key of its name, one after the other, and remembers what it was told
 * of each. APPEND is what shows a command that ran twice: its token stands in the value twice.
 */
final class AppendWriter {
    /** What became of one token. */
    private enum Told {
        DONE, NOT_DONE, UNKNOWN
    }

    /** When an append that was acknowledged began and ended, by {@link System#nanoTime}. */
    private record Done(long startedNs, long endedNs) {
    }

    /** One way to append. */
    @FunctionalInterface
    private interface Appending {
        Told append(String token) throws InterruptedException;
    }

    private final String name;
    private final Appending appending;
    private final List<Told> told = new ArrayList<>();
    private final Thread thread;
    private volatile Done lastDone = new Done(System.nanoTime(), System.nanoTime());
    private volatile boolean stop;

    private AppendWriter(String name, Appending appending) {
        this.name = name;
        this.appending = appending;
        this.thread = Thread.ofVirtual().name(name).unstarted(this::run);
    }

    /** Knows all nodes and has a session of its own: it tries until it knows. */
    static AppendWriter throughClient(String name, List<String> addresses, Duration timeout) {
        final KvClient client = KvClient.connect(addresses, timeout);
        return new AppendWriter(name, token -> {
            try {
                client.append(bytes(name), bytes(token));
                return Told.DONE;
            } catch (final KvException.Unknown e) {
                return Told.UNKNOWN;
            } catch (final KvException.Unavailable | KvException.Refused e) {
                return Told.NOT_DONE;
            }
        });
    }

    /** Knows one node, like {@code redis-cli}: when the connection breaks, it cannot know. */
    static AppendWriter throughPlainConnection(String name, int port) {
        return new AppendWriter(name, new Appending() {
            private RespSocket socket;

            @Override
            public Told append(String token) throws InterruptedException {
                if (socket == null) {
                    try {
                        socket = new RespSocket(port);
                    } catch (final IOException e) {
                        Thread.sleep(10); // the node is down: no need to ask without a pause
                        return Told.NOT_DONE;
                    }
                }
                try {
                    final Object answer = socket.ask("APPEND", name, token);
                    if (answer instanceof Long) {
                        return Told.DONE;
                    }
                    if (answer.toString().startsWith("-") && !answer.toString().startsWith("-UNKNOWN")) {
                        return Told.NOT_DONE;
                    }
                    if (answer.equals("closed")) {
                        socket.close();
                        socket = null;
                    }
                } catch (final IOException e) {
                    socket = null;
                }
                return Told.UNKNOWN;
            }
        });
    }

    AppendWriter start() {
        thread.start();
        return this;
    }

    String name() {
        return name;
    }

    /** Ends after the append that is under way. */
    void stop() throws InterruptedException {
        stop = true;
        thread.join();
    }

    /**
     * Waits until an append that began after {@code sinceNs} is acknowledged: an earlier one may have been answered by
     * a node that has died since.
     *
     * @return when the acknowledgement came, by {@link System#nanoTime}
     */
    long awaitDoneSince(long sinceNs, Duration timeout) {
        Done done = lastDone;
        while (done.startedNs - sinceNs < 0) {
            assertTrue(System.nanoTime() - sinceNs < timeout.toNanos(),
                () -> name + " had nothing acknowledged for " + timeout);
            LockSupport.parkNanos(100_000);
            done = lastDone;
        }
        return done.endedNs;
    }

    /** How many were acknowledged; after {@link #stop}. */
    int done() {
        return (int) told.stream().filter(Told.DONE::equals).count();
    }

    /** Compares what the store holds with what was told; after {@link #stop}. */
    void check(String value) {
        final BitSet found = new BitSet();
        int last = -1;
        assertTrue(value.endsWith(";"), () -> name + ": a token was cut short");
        for (final String word : value.substring(0, value.length() - 1).split(";", -1)) {
            final int token = Integer.parseInt(word);
            assertFalse(found.get(token), () -> name + ": token " + token + " was executed twice");
            assertTrue(token > last && token < told.size(), name + ": token " + token + " stands after " + last);
            found.set(token);
            last = token;
        }
        for (int i = 0; i < told.size(); i++) {
            final int token = i;
            switch (told.get(token)) {
                case DONE -> assertTrue(found.get(token), () -> name + ": acknowledged token " + token + " is lost");
                case NOT_DONE ->
                    assertFalse(found.get(token), () -> name + ": token " + token + " was refused and done");
                case UNKNOWN -> {
                    // either is right
                }
            }
        }
    }

    private void run() {
        try {
            while (!stop) {
                final long startedNs = System.nanoTime();
                final Told outcome = appending.append(told.size() + ";");
                told.add(outcome);
                if (outcome == Told.DONE) {
                    lastDone = new Done(startedNs, System.nanoTime());
                }
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
