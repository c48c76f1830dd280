package io.balsa.mapreduce.wire;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.balsa.aeron.AeronConfig;
import io.balsa.aeron.Endpoint;
import io.balsa.aeron.RequestHandler;
import io.balsa.aeron.RequestLink;
import io.balsa.raft.spi.TransportException;

/** A service of coordinators, asked over Aeron. Any thread may use it; answers come on a thread of the link's. */
public final class RemoteCoordination implements Coordination, AutoCloseable {
    /** Longer than a coordinator lets a claim wait, shorter than anybody's patience with a dead one. */
    private static final Duration ATTEMPT = Duration.ofSeconds(1);
    private static final long PAUSE_MS = 50;

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
        asking.ask(leader);
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

    /** One request, until it is answered or nobody has answered for too long. */
    private final class Asking {
        private final byte[] request;
        private final long deadlineNs;
        private final CompletableFuture<Answer> answer = new CompletableFuture<>();

        Asking(byte[] request, long deadlineNs) {
            this.request = request;
            this.deadlineNs = deadlineNs;
        }

        void ask(Endpoint whom) {
            // What goes wrong is told through the answer.
            final CompletableFuture<?> unused =
                link.ask(whom, request, ATTEMPT).whenComplete((bytes, failure) -> hear(whom, bytes, failure));
        }

        private void hear(Endpoint whom, byte[] bytes, Throwable failure) {
            try {
                if (failure == null) {
                    onAnswer(whom, AnswerCodec.decode(bytes));
                } else {
                    onFailure(whom, failure);
                }
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        }

        private void onAnswer(Endpoint whom, Answer given) {
            if (given instanceof Answer.NotLeader(String hint)) {
                final Endpoint next = hint.isEmpty() ? after(whom) : Endpoint.parse(hint);
                leader = next;
                againAfter(hint.isEmpty() || next.equals(whom) ? PAUSE_MS : 0, next);
            } else {
                leader = whom;
                answer.complete(given);
            }
        }

        private void onFailure(Endpoint whom, Throwable failure) {
            final Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            if (!(cause instanceof TimeoutException)) {
                answer.completeExceptionally(new CoordinatorUnavailable(String.valueOf(cause.getMessage())));
                return;
            }
            leader = after(whom);
            againAfter(0, leader);
        }

        private void againAfter(long pauseMs, Endpoint next) {
            if (System.nanoTime() - deadlineNs >= 0) {
                answer.completeExceptionally(new CoordinatorUnavailable("no coordinator of " + addresses
                    + " has answered for " + patience.toSeconds() + " s; is a majority of them running there?"));
                return;
            }
            final Executor later = CompletableFuture.delayedExecutor(pauseMs, TimeUnit.MILLISECONDS, Runnable::run);
            later.execute(() -> ask(next));
        }

        private Endpoint after(Endpoint whom) {
            return addresses.get((addresses.indexOf(whom) + 1) % addresses.size());
        }
    }
}
