package io.balsa.kv;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A client's session, and the search for the node that leads. A write keeps its number over every attempt, whichever
 * node it goes to; a number is used again only for a command that is certain never to have been in the log. One call at
 * a time.
 */
final class ClientCalls implements AutoCloseable {
    private static final long FIRST_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long LONGEST_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(16);
    /** A node that is silent gets this long before another one is asked, and twice as long each time after that. */
    private static final long FIRST_PATIENCE_NS = TimeUnit.MILLISECONDS.toNanos(400);
    /** At most this part of a call's time, so that a short one reaches another node as well. */
    private static final int TRIES_PER_CALL = 4;
    private static final long FAREWELL_NS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long NO_SESSION = 0;
    private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(1);
    private static final Duration LONGEST_TIMEOUT = Duration.ofDays(1);

    private final List<HostPort> nodes;
    private final Duration timeout;
    private int next;
    /** Where to connect next; null: to {@code nodes[next]}. */
    private HostPort hint;
    /** Where nobody answered last: a node that hints at it may not know yet that this leader is gone. */
    private HostPort deadEnd;
    private RespConnection connection;
    private long client = NO_SESSION;
    private long lastExecuted;

    ClientCalls(List<HostPort> nodes, Duration timeout) {
        if (nodes.isEmpty()) {
            throw new IllegalArgumentException("no address of a node");
        }
        if (timeout.compareTo(SHORTEST_TIMEOUT) < 0 || timeout.compareTo(LONGEST_TIMEOUT) > 0) {
            throw new IllegalArgumentException("timeout: 1 ms to 1 day, not " + timeout);
        }
        this.nodes = nodes;
        this.timeout = timeout;
    }

    /** One question to one node and no other. */
    static KvReply askOne(HostPort address, Duration timeout, String command) {
        final long deadlineNs = System.nanoTime() + timeout.toNanos();
        try (RespConnection connection = RespConnection.open(address, deadlineNs)) {
            connection.send(List.of(ascii(command)));
            connection.flush();
            return connection.receive(deadlineNs);
        } catch (IOException e) {
            throw new KvException.Unavailable(address + " does not answer (" + reason(e) + ")");
        }
    }

    /** Reads can be asked any number of times. */
    KvReply read(Call.Look look) {
        return new Attempts(look.words(), false).run();
    }

    KvReply write(Command command) {
        final long deadlineNs = System.nanoTime() + timeout.toNanos();
        while (true) {
            if (client == NO_SESSION) {
                open(deadlineNs);
            }
            final Attempts attempts = new Attempts(words(command), true, deadlineNs);
            final KvReply reply;
            try {
                reply = attempts.run();
            } catch (KvException.Unknown e) {
                client = NO_SESSION; // it cannot tell the next number
                throw e;
            }
            if (!attempts.sessionIsGone) {
                lastExecuted++;
                return settled(reply);
            }
            client = NO_SESSION; // certainly not executed: it may run under a new session
        }
    }

    private static KvReply settled(KvReply reply) {
        if (reply instanceof KvReply.Failure failure) {
            throw failure.code() == KvReply.Code.STALE
                ? new KvException.Unknown("executed once, but its result is not kept any more")
                : new KvException.Refused(failure.message());
        }
        return reply;
    }

    private void open(long deadlineNs) {
        final KvReply reply = new Attempts(List.of(ascii("BALSA.OPEN")), false, deadlineNs).run();
        if (!(reply instanceof KvReply.Int id)) {
            throw new IllegalStateException("a node answered BALSA.OPEN with " + reply);
        }
        client = id.value();
        lastExecuted = 0;
    }

    private List<byte[]> words(Command command) {
        final List<byte[]> words = new ArrayList<>();
        words.add(ascii("BALSA.DO"));
        words.add(Decimal.format(client));
        words.add(Decimal.format(lastExecuted + 1));
        words.add(Decimal.format(lastExecuted));
        words.addAll(command.words());
        return words;
    }

    @Override
    public void close() {
        if (connection != null && client != NO_SESSION) {
            try {
                connection.send(List.of(ascii("BALSA.CLOSE"), Decimal.format(client)));
                connection.flush();
                connection.receive(System.nanoTime() + FAREWELL_NS);
            } catch (IOException e) {
                // a session that nobody closes expires
            }
        }
        client = NO_SESSION;
        disconnect();
    }

    private void disconnect() {
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }

    private void tryAnother() {
        disconnect();
        hint = null;
        next = (next + 1) % nodes.size();
    }

    static String reason(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** One request on its way: the same bytes, to one node after another. */
    private final class Attempts {
        private final List<byte[]> words;
        private final boolean once;
        private final long deadlineNs;
        private long patienceNs;
        private long pauseNs = FIRST_PAUSE_NS;
        private boolean unknown;
        private String lastTrouble = "no node could be reached";
        boolean sessionIsGone;

        /** @param once whether it matters if it is executed */
        Attempts(List<byte[]> words, boolean once, long deadlineNs) {
            this.words = words;
            this.once = once;
            this.deadlineNs = deadlineNs;
            this.patienceNs = Math.min(timeout.toNanos() / TRIES_PER_CALL, FIRST_PATIENCE_NS);
        }

        Attempts(List<byte[]> words, boolean once) {
            this(words, once, System.nanoTime() + timeout.toNanos());
        }

        /** @return the answer; if {@link #sessionIsGone}, none, and no attempt was executed */
        KvReply run() {
            while (System.nanoTime() < deadlineNs) {
                final KvReply reply = attempt();
                if (reply != null) {
                    return reply;
                }
                LockSupport.parkNanos(Math.min(pauseNs, deadlineNs - System.nanoTime()));
                pauseNs = Math.min(pauseNs * 2, LONGEST_PAUSE_NS);
            }
            throw unknown
                ? new KvException.Unknown("it may have been executed: " + lastTrouble)
                : new KvException.Unavailable("not executed: " + lastTrouble);
        }

        /** @return null to try again */
        private KvReply attempt() {
            final HostPort address = hint != null ? hint : nodes.get(next);
            boolean sent = false;
            try {
                final long untilNs = Math.min(deadlineNs, System.nanoTime() + patienceNs);
                if (connection == null) {
                    connection = RespConnection.open(address, untilNs);
                }
                connection.send(words);
                sent = true; // a part of it may get there even if the rest fails
                connection.flush();
                return understood(connection.receive(untilNs), address);
            } catch (IOException e) {
                if (e instanceof SocketTimeoutException) {
                    patienceNs *= 2; // the whole group may be slow: who asks again too soon makes it slower
                }
                unknown |= sent && once;
                lastTrouble = address + ": " + reason(e);
                deadEnd = address;
                tryAnother();
                return null;
            }
        }

        private KvReply understood(KvReply reply, HostPort address) {
            if (!(reply instanceof KvReply.Failure failure)) {
                return reply;
            }
            lastTrouble = address + ": " + failure.code() + " " + failure.message();
            return switch (failure.code()) {
                case NOTLEADER -> {
                    follow(failure.message());
                    yield null;
                }
                case OVERLOADED -> null;
                case UNAVAILABLE -> {
                    tryAnother();
                    yield null;
                }
                case UNKNOWN -> {
                    unknown |= once;
                    tryAnother();
                    yield null;
                }
                case SESSIONEXPIRED, SEQUENCE -> {
                    if (unknown) {
                        throw new KvException.Unknown("it may have been executed, and its session ended before that "
                            + "could be found out");
                    }
                    sessionIsGone = true;
                    yield reply;
                }
                case STALE, ERR -> answer(failure);
                case TOOLARGE, NOPROTO, DISKFULL -> {
                    if (unknown) {
                        throw new KvException.Unknown("it may have been executed: " + lastTrouble);
                    }
                    throw failure.code() == KvReply.Code.DISKFULL
                        ? new KvException.Unavailable(failure.message())
                        : new KvException.Refused(failure.message());
                }
            };
        }

        private KvReply answer(KvReply.Failure failure) {
            if (!once) {
                throw new KvException.Refused(failure.message());
            }
            return failure;
        }

        private void follow(String leader) {
            tryAnother();
            if (!leader.equals("?")) {
                try {
                    hint = HostPort.parse(leader);
                    pauseNs = hint.equals(deadEnd) ? pauseNs : FIRST_PAUSE_NS;
                } catch (IllegalArgumentException e) {
                    hint = null; // the other nodes will know
                }
            }
        }
    }
}
