package io.balsa.mapreduce.wire;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import io.balsa.aeron.AeronConfig;
import io.balsa.aeron.Endpoint;
import io.balsa.aeron.RequestHandler;
import io.balsa.aeron.RequestLink;
import io.balsa.raft.spi.TransportException;

/**
 * A service of coordinators, asked over Aeron. Any thread may use it. Answers come on the link's thread, and word that
 * there is none on the thread with which the JDK keeps time.
 */
public final class RemoteCoordination implements Coordination, AutoCloseable {
    /** Longer than a coordinator lets a claim wait, shorter than anybody's patience with a dead one. */
    private static final long ATTEMPT_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(50);
    /** What is answered later than this is news to nobody: it has been asked thirty times since. */
    private static final Duration LATEST = Duration.ofSeconds(30);

    private final List<Endpoint> addresses;
    private final Duration patience;
    private final RequestLink link;
    private volatile Endpoint leader;

    private RemoteCoordination(List<Endpoint> addresses, Duration patience, RequestLink link) {
        this.addresses = addresses;
        this.patience = patience;
        this.link = link;
        leader = addresses.get(0);
    }

    /**
     * Opens a link to ask over; says nothing to anybody yet.
     *
     * @param addresses {@code host:port} of all coordinators, or of some: a leader tells its own
     * @param patience  how long to look for one that answers
     * @throws IllegalArgumentException when an address is none
     * @throws TransportException       when this machine cannot
     */
    public static RemoteCoordination open(List<String> addresses, Duration patience) {
        final List<Endpoint> endpoints = addresses.stream().map(Endpoint::parse).toList();
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("name at least one coordinator, host:port");
        }
        final RequestLink link = RequestLink.open(bindFor(endpoints.get(0)), RequestLink.ANY_PORT,
            AeronConfig.defaultDirectoryBase(), RequestHandler.NONE);
        return new RemoteCoordination(endpoints, patience, link);
    }

    @Override
    public CompletableFuture<Answer> ask(Request request) {
        final Asking asking = new Asking(RequestCodec.encode(request), System.nanoTime() + patience.toNanos());
        asking.attempt(1, leader);
        return asking.answer;
    }

    @Override
    public void close() {
        link.close();
    }

    /** Who asks on this machine's loopback is answered there; else on any address. */
    private static String bindFor(Endpoint coordinator) {
        final String host = coordinator.host();
        return host.equals("localhost") || host.startsWith("127.") ? "127.0.0.1" : host.equals("::1") ? host
            : "0.0.0.0";
    }

    private Endpoint after(Endpoint whom) {
        return addresses.get((addresses.indexOf(whom) + 1) % addresses.size());
    }

    private static void later(long delayNs, Runnable what) {
        CompletableFuture.delayedExecutor(delayNs, TimeUnit.NANOSECONDS, Runnable::run).execute(what);
    }

    /**
     * One request, until it is answered or nobody has answered for too long. Where an answer is late the next one is
     * asked as well, and whichever answer comes first counts: over there a disk or a processor may be so busy that
     * every answer takes longer than an attempt, and whoever heard none of them would ask for ever. So an answer may be
     * that to an earlier copy, which has found things otherwise than a later one does: whoever is told that there is
     * nothing, or that something cannot be, asks again before relying on it where that matters.
     */
    private final class Asking {
        private final byte[] request;
        private final long deadlineNs;
        private final CompletableFuture<Answer> answer = new CompletableFuture<>();
        /** Attempts begun. Each is followed by one: whoever counts on from its number begins it. */
        private final AtomicInteger attempts = new AtomicInteger();
        /** The last word of who leads that came when somebody else was asked already; null once that one was asked. */
        private final AtomicReference<Endpoint> told = new AtomicReference<>();
        private volatile boolean somebodyThere;

        Asking(byte[] request, long deadlineNs) {
            this.request = request;
            this.deadlineNs = deadlineNs;
        }

        /** @return false where another attempt with this number was begun before */
        boolean attempt(int number, Endpoint whom) {
            if (!begins(number)) {
                return false;
            }
            send(number, whom);
            return true;
        }

        private boolean begins(int number) {
            return !answer.isDone() && attempts.compareAndSet(number - 1, number);
        }

        /** Nobody has answered in time. */
        private void attemptElsewhere(int number, Endpoint last) {
            if (begins(number)) {
                final Endpoint leading = told.getAndSet(null);
                send(number, leading == null ? after(last) : leading);
            }
        }

        private void send(int number, Endpoint whom) {
            final long leftNs = deadlineNs - System.nanoTime();
            if (leftNs <= 0 && number > 1) {
                answer.completeExceptionally(new CoordinatorUnavailable(unavailable()));
                return;
            }
            leader = whom;
            final CompletableFuture<byte[]> question = link.ask(whom, request, LATEST);
            // What goes wrong is told through the answer.
            final CompletableFuture<?> unused =
                question.whenComplete((bytes, failure) -> hear(number, whom, bytes, failure));
            final CompletableFuture<?> unusedToo = answer.whenComplete((given, failure) -> question.cancel(false));
            later(Math.clamp(leftNs, 0, ATTEMPT_NS), () -> attemptElsewhere(number + 1, whom));
        }

        private void hear(int number, Endpoint whom, byte[] bytes, Throwable failure) {
            try {
                if (failure == null) {
                    onAnswer(number, whom, AnswerCodec.decode(bytes));
                } else if (!(failure instanceof TimeoutException)) { // for that long ago another attempt was made
                    answer.completeExceptionally(new CoordinatorUnavailable(String.valueOf(failure.getMessage())));
                }
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        }

        private void onAnswer(int number, Endpoint whom, Answer given) {
            if (given instanceof Answer.NotLeader(String hint)) {
                somebodyThere = true;
                final Endpoint next = hint.isEmpty() ? after(whom) : Endpoint.parse(hint);
                if (hint.isEmpty() || next.equals(whom)) {
                    later(PAUSE_NS, () -> attempt(number + 1, next));
                } else if (!attempt(number + 1, next)) {
                    told.set(next);
                }
            } else if (answer.complete(given)) {
                leader = whom;
            }
        }

        private String unavailable() {
            final String length = patience.toMillis() < 1_000 ? patience.toMillis() + " ms"
                : patience.toSeconds() + " s";
            return somebodyThere
                ? "none of the coordinators " + addresses + " leads, for " + length
                    + "; is a majority of them running, and can they reach each other?"
                : "no coordinator of " + addresses + " has answered for " + length
                    + "; is a majority of them running there?";
        }
    }
}
