package io.balsa.kv;

import static io.balsa.kv.Commands.command;
import static io.balsa.kv.Commands.incrby;
import static io.balsa.kv.Commands.text;

import java.util.Arrays;

import io.balsa.kv.wire.OpCode;
import io.balsa.raft.testkit.checks.Violation;

/**
 * A client of simulated servers: one operation at a time, tried for ever. It follows the rules of {@link ClientCalls},
 * which cannot be used itself since it waits on sockets and by the wall clock: a write keeps its session and number
 * over every attempt, whoever it goes to; only a reply tells what became of it; the server that answered is asked first
 * next time; one that is silent or does not lead is left, for the one it names if it names one.
 *
 * <p>Each call belongs to the script that makes it.
 */
public final class SimClerk {
    private static final long MILLISECOND = 1_000_000;
    private static final long FIRST_PAUSE_NS = 2 * MILLISECOND;
    private static final long LONGEST_PAUSE_NS = 16 * MILLISECOND;
    private static final long FIRST_PATIENCE_NS = 400 * MILLISECOND;
    private static final long NO_SESSION = 0;
    private static final int NOWHERE = -1;

    private final SimStore store;
    private final boolean[] reached;
    private int next;
    /** Where nobody answered last: whoever names it may not know yet that it is gone. */
    private int deadEnd = NOWHERE;
    private long session = NO_SESSION;
    private long lastExecuted;

    SimClerk(SimStore store, int... servers) {
        this.store = store;
        this.reached = new boolean[store.lab().size()];
        reach(servers);
        while (!reached[next]) {
            next++;
        }
    }

    /** From now on it reaches these servers and no others; all, if none is named. */
    public void reach(int... servers) {
        Arrays.fill(reached, servers.length == 0);
        for (final int server : servers) {
            reached[server] = true;
        }
    }

    boolean reaches(int server) {
        return reached[server];
    }

    /** The value, empty if there is none. */
    public String get(String key) {
        final KvReply reply = ask(new Request.Plain(new Call.Point(command(OpCode.GET, key))));
        if (!(reply instanceof KvReply.Bulk bulk)) {
            throw new Violation("GET is answered " + reply);
        }
        store.onOperation();
        return bulk.value() == null ? "" : text(bulk.value());
    }

    public void put(String key, String value) {
        if (!(write(command(OpCode.SET, key, value)) instanceof KvReply.Ok)) {
            throw new Violation("SET is not answered OK");
        }
    }

    /** Returns the length of the value thereafter. */
    public long append(String key, String value) {
        return numberOf(write(command(OpCode.APPEND, key, value)));
    }

    /** Adds one and returns the sum. */
    public long increment(String key) {
        return numberOf(write(incrby(key, 1)));
    }

    /** Ends the session, if there is one. */
    public void close() {
        if (session != NO_SESSION) {
            ask(new Request.Plain(new Call.CloseSession(session)));
            session = NO_SESSION;
        }
    }

    private KvReply write(Command command) {
        if (session == NO_SESSION) {
            session = numberOf(ask(new Request.Plain(new Call.OpenSession())));
            lastExecuted = 0;
        }
        final KvReply reply = ask(new Request.InSession(session, lastExecuted + 1, lastExecuted, command));
        lastExecuted++;
        store.onOperation();
        return reply;
    }

    private static long numberOf(KvReply reply) {
        if (!(reply instanceof KvReply.Int number)) {
            throw new Violation("a number was to be answered, not " + reply);
        }
        return number.value();
    }

    private KvReply ask(Request request) {
        long patience = FIRST_PATIENCE_NS;
        long pause = FIRST_PAUSE_NS;
        while (true) {
            final int asked = next;
            final long before = store.lab().nowNs();
            final KvReply reply = store.call(this, asked, request, patience);
            if (reply == null) {
                if (store.lab().nowNs() - before >= patience) {
                    patience *= 2; // the whole group may be slow: who asks again too soon makes it slower
                }
                deadEnd = asked;
                tryAnother();
            } else if (reply instanceof KvReply.Failure failure) {
                switch (failure.code()) {
                    case NOTLEADER -> {
                        pause = follow(failure.message()) ? FIRST_PAUSE_NS : pause;
                    }
                    case OVERLOADED -> {
                        // the same server, a little later
                    }
                    case UNAVAILABLE, UNKNOWN -> tryAnother();
                    case ERR, TOOLARGE, STALE, SEQUENCE, SESSIONEXPIRED, DISKFULL, NOPROTO ->
                        throw new Violation("a client that keeps to the rules is answered " + failure);
                }
            } else {
                deadEnd = NOWHERE;
                return reply;
            }
            store.lab().scripts().sleepNs(pause);
            pause = Math.min(2 * pause, LONGEST_PAUSE_NS);
        }
    }

    private void tryAnother() {
        do {
            next = (next + 1) % reached.length;
        } while (!reached[next]);
    }

    /** Returns whether it is worth hurrying. */
    private boolean follow(String leader) {
        tryAnother();
        if (leader.equals("?") || !reached[Integer.parseInt(leader)]) {
            return false;
        }
        next = Integer.parseInt(leader);
        return next != deadEnd;
    }
}
