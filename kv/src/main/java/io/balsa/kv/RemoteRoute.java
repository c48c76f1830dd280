package io.balsa.kv;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import io.balsa.kv.Attempt.Result;

/** To the leader in another process, over its client port. The session numbers travel along, so a retry is exact. */
final class RemoteRoute implements Route {
    /** How often to look up from waiting whether somebody else leads by now: a stopped process breaks no connection. */
    private static final long GLANCE_NS = TimeUnit.MILLISECONDS.toNanos(25);
    private static final byte[] DO = "BALSA.DO".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] OPEN = "BALSA.OPEN".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CLOSE = "BALSA.CLOSE".getBytes(StandardCharsets.US_ASCII);

    private final Upstreams upstreams;
    private final HostPort address;
    private final RespConnection connection;
    private final BooleanSupplier stillLeads;
    private long sent;
    private long received;
    private boolean broken;
    /** Whether nothing had come by {@link #silentUntilNs}, so that waiting up to the same moment again is idle. */
    private boolean silent;
    private long silentUntilNs;

    /**
     * Connects, unless a connection is idle.
     *
     * @param stillLeads  whether the node over there is still believed to lead
     * @param connectByNs when to give up connecting, by {@link System#nanoTime}
     */
    RemoteRoute(Upstreams upstreams, HostPort address, BooleanSupplier stillLeads, long connectByNs)
        throws IOException {
        this.upstreams = upstreams;
        this.address = address;
        this.stillLeads = stillLeads;
        this.connection = upstreams.borrow(address, connectByNs);
    }

    @Override
    public Attempt submit(long client, long sequence, long acknowledged, Command command) {
        final List<byte[]> words = new ArrayList<>(command.arguments().size() + 6);
        words.add(DO);
        words.add(Decimal.format(client));
        words.add(Decimal.format(sequence));
        words.add(Decimal.format(acknowledged));
        words.addAll(command.words());
        return send(words);
    }

    @Override
    public Attempt submit(Call call) {
        return switch (call) {
            case Call.OpenSession open -> send(List.of(OPEN));
            case Call.CloseSession close -> send(List.of(CLOSE, Decimal.format(close.client())));
            case Call.Look look -> send(look.words());
            case Call.Update update -> throw new IllegalArgumentException("an update needs a session");
        };
    }

    @Override
    public void flush() {
        try {
            connection.flush();
        } catch (IOException e) {
            broken = true; // some of it may have been sent
        }
    }

    @Override
    public void close() {
        if (broken) {
            upstreams.forget(address);
        }
        if (broken || received < sent) {
            connection.close();
        } else {
            upstreams.giveBack(address, connection);
        }
    }

    private Attempt send(List<byte[]> words) {
        connection.send(words);
        sent++;
        return new RemoteAttempt(sent);
    }

    /** Waits. @return the next reply, or null when it did not come in time or never will */
    private KvReply receive(long deadlineNs) {
        while (!broken && !(silent && silentUntilNs == deadlineNs)) {
            try {
                final long glance = System.nanoTime() + GLANCE_NS;
                final KvReply reply = connection.receive(Math.min(glance, deadlineNs));
                received++;
                return reply;
            } catch (SocketTimeoutException e) {
                if (System.nanoTime() >= deadlineNs) {
                    silent = true;
                    silentUntilNs = deadlineNs;
                    return null;
                }
                broken = !stillLeads.getAsBoolean();
            } catch (IOException e) {
                broken = true;
            }
        }
        return null;
    }

    private static Result understood(KvReply reply) {
        if (!(reply instanceof KvReply.Failure failure)) {
            return new Result.Answered(reply);
        }
        return switch (failure.code()) {
            case ERR, STALE, SEQUENCE, SESSIONEXPIRED, NOPROTO -> new Result.Answered(reply);
            case NOTLEADER, OVERLOADED, UNAVAILABLE -> new Result.Refused(failure, true);
            case TOOLARGE, DISKFULL -> new Result.Refused(failure, false);
            case UNKNOWN -> new Result.Lost(failure.message());
        };
    }

    private final class RemoteAttempt implements Attempt {
        private final long position;

        RemoteAttempt(long position) {
            this.position = position;
        }

        @Override
        public boolean isRefused() {
            return false;
        }

        @Override
        public Result await(long deadlineNs) {
            KvReply reply = null;
            do { // the replies to attempts that nobody waited for come first
                reply = receive(deadlineNs);
            } while (reply != null && received < position);
            return reply == null ? new Result.Lost("the leader at " + address + " did not answer") : understood(reply);
        }
    }
}
