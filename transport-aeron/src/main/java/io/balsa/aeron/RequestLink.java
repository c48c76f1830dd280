package io.balsa.aeron;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

import io.aeron.FragmentAssembler;
import io.aeron.Image;
import io.aeron.Subscription;
import io.aeron.exceptions.RegistrationException;
import io.aeron.logbuffer.Header;
import io.balsa.raft.spi.Threads;
import io.balsa.raft.spi.TimerSlack;
import io.balsa.raft.spi.TransportException;
import org.agrona.DirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * Questions and answers between processes over Aeron UDP: for what is neither hot nor part of Raft, such as workers
 * that ask a service. Each link has an address, a media driver and one platform thread of its own; it may ask any other
 * link, and answers if it was given a handler.
 *
 * <p>A question may be lost, and so may its answer; then the asker's time runs out, and it may ask again: handlers must
 * bear the same question twice. Questions of one link to another keep their order while the connection lasts.
 * Aeron neither encrypts nor authenticates: bind to a private interface.
 */
public final class RequestLink implements AutoCloseable {
    /** The longest question or answer in bytes. */
    public static final int MAX_MESSAGE = 4 << 20;
    /** Within {@link #open}: any free port. */
    public static final int ANY_PORT = 0;

    static final int STREAM_ID = 1101;
    private static final long OPEN_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(10);
    private static final long SHORT_PARK_NS = TimeUnit.MICROSECONDS.toNanos(50);
    private static final long LONG_PARK_NS = TimeUnit.MILLISECONDS.toNanos(4);
    private static final long LOOK_AT_TIMEOUTS_NS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long REST_NS = TimeUnit.SECONDS.toNanos(30);
    private static final int POLL_LIMIT = 64;

    private final LinkDirectory directory;
    private final EmbeddedAeron aeron;
    private final RequestHandler handler;
    private final Subscription subscription;
    private final Endpoint address;
    private final FrameCounters counters = new FrameCounters();
    private final FragmentAssembler assembler = new FragmentAssembler(this::onFrame);
    private final Int2ObjectHashMap<LinkAssembly> assemblies = new Int2ObjectHashMap<>();
    private final Map<Endpoint, LinkPeer> peers = new HashMap<>();
    private final Map<Long, Question> questions = new TreeMap<>();
    private final ConcurrentLinkedQueue<Outgoing> outgoing = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private long nextId = new SecureRandom().nextLong() >>> 1;
    private volatile boolean running = true;
    private volatile boolean ended;
    private volatile Optional<String> failure = Optional.empty();

    private RequestLink(LinkDirectory directory, EmbeddedAeron aeron, InetSocketAddress own, RequestHandler handler) {
        this.directory = directory;
        this.aeron = aeron;
        this.handler = handler;
        subscription = subscribe(own.getAddress().getHostAddress(), own.getPort());
        address = Endpoint.parse(subscription.resolvedEndpoint());
        thread = Thread.ofPlatform().daemon().name("balsa-link-" + address.port()).unstarted(this::run);
    }

    /**
     * Opens a link and starts its thread.
     *
     * @param host      an address of this machine to receive on
     * @param port      a UDP port, or {@link #ANY_PORT}
     * @param base      a directory in memory where to make the driver's own one, see
     *                  {@link AeronConfig#defaultDirectoryBase()}
     * @param handler   answers questions, see there; {@link RequestHandler#NONE} for a link that only asks
     * @throws TransportException when the port is in use, or the buffers find no room
     */
    public static RequestLink open(String host, int port, Path base, RequestHandler handler) {
        final Endpoint bind = port == ANY_PORT ? SocketBuffers.freePort(host) : new Endpoint(host, port);
        final InetAddress address = AddressLookup.ask(bind, InetAddress::getByName).orElseThrow(() ->
            new TransportException("cannot listen on UDP " + bind + ": the name is unknown; bind a numeric address of "
                + "this host")).getAddress();
        // With port 0 the driver's own socket draws one: a number drawn here could be another's by then.
        final InetSocketAddress own = new InetSocketAddress(address, port);
        final SocketBuffers sockets = SocketBuffers.granted(bind, own, Profile.SMALL.socketBuffer);
        final LinkDirectory directory = LinkDirectory.claim(base);
        try {
            return open(directory, sockets, own, handler);
        } catch (RuntimeException | Error e) {
            directory.close();
            throw e;
        }
    }

    private static RequestLink open(LinkDirectory directory, SocketBuffers sockets, InetSocketAddress own,
                                    RequestHandler handler) {
        final EmbeddedAeron aeron = directory.launch(sockets, own);
        try {
            final RequestLink link = new RequestLink(directory, aeron, own, handler);
            link.thread.start();
            return link;
        } catch (RuntimeException | Error e) {
            aeron.close();
            throw e;
        }
    }

    /** Where this link is asked. */
    public Endpoint address() {
        return address;
    }

    /** Why it has stopped by itself, one line: it neither asks nor answers any more. Empty while it works. */
    public Optional<String> failure() {
        return failure;
    }

    /**
     * Asks another link. The bytes must not change before the answer. Any thread.
     *
     * @return may be cancelled by whoever waits no more; completes on the link's thread, so what depends on it must be
     *         short: with the answer, or exceptionally with a {@link TimeoutException}, after which the question may
     *         still be answered over there, or with a {@link TransportException} when this link is closed
     * @throws IllegalArgumentException when it is longer than {@link #MAX_MESSAGE}
     */
    public CompletableFuture<byte[]> ask(Endpoint whom, byte[] question, Duration timeout) {
        requireLength(question);
        final CompletableFuture<byte[]> answer = new CompletableFuture<>();
        send(new Question(whom, question, System.nanoTime() + timeout.toNanos(), timeout, answer));
        if (ended) { // nobody looks at the queue any more
            answer.completeExceptionally(closed());
        }
        return answer;
    }

    /** Stops answering and asking; what waits for an answer is told so. */
    @Override
    public void close() {
        running = false;
        LockSupport.unpark(thread);
        if (Thread.currentThread() != thread) {
            Threads.join(thread);
        }
    }

    private void send(Outgoing message) {
        outgoing.add(message);
        LockSupport.unpark(thread);
    }

    private Subscription subscribe(String host, int port) {
        final String endpoint = (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        final long registration =
            aeron.client().asyncAddSubscription("aeron:udp?endpoint=" + endpoint, STREAM_ID, null, this::onGone);
        final long deadlineNs = System.nanoTime() + OPEN_TIMEOUT_NS;
        while (true) {
            aeron.invoke(false);
            try {
                final Subscription open = aeron.client().getSubscription(registration);
                if (open != null && open.resolvedEndpoint() != null) {
                    return open;
                }
            } catch (RegistrationException e) {
                throw new TransportException("cannot listen on UDP " + endpoint + ": " + e.getMessage()
                    + "; stop the process that has the port or choose another one", e);
            }
            if (System.nanoTime() - deadlineNs > 0) {
                throw new TransportException("the media driver of " + endpoint + " did not answer within 10 s; is this "
                    + "machine overloaded?");
            }
        }
    }

    private void run() {
        TimerSlack.lower();
        try {
            loop();
        } catch (RuntimeException | Error e) {
            failure = Optional.of("link " + address + " has stopped: "
                + String.valueOf(e instanceof TransportException ? e.getMessage() : e).lines().findFirst().orElse(""));
            System.getLogger(RequestLink.class.getName()).log(System.Logger.Level.ERROR, failure.get(),
                e instanceof TransportException ? null : e);
        } finally {
            ended = true;
            aeron.close();
            directory.close();
            outgoing.forEach(message -> {
                if (message instanceof Question question) {
                    question.answer.completeExceptionally(closed());
                }
            });
            questions.values().forEach(question -> question.answer.completeExceptionally(closed()));
        }
    }

    private void loop() {
        long workedNs = System.nanoTime();
        long timeoutsNs = workedNs;
        long restNs = workedNs + REST_NS;
        while (running) {
            final long nowNs = System.nanoTime();
            int work = sendAll(nowNs);
            aeron.invoke(work > 0); // what it does may be housekeeping, of which there is some every ten milliseconds
            work += subscription.poll(assembler, POLL_LIMIT);
            if (nowNs - timeoutsNs >= LOOK_AT_TIMEOUTS_NS) {
                timeoutsNs = nowNs;
                expireQuestions(nowNs);
            }
            if (nowNs - restNs >= 0) {
                restNs = nowNs + REST_NS;
                peers.values().removeIf(LinkPeer::restsIfIdle);
            }
            if (work > 0) {
                workedNs = nowNs;
            } else {
                // About as long as nothing was said: what is answered soon is heard soon, and who waits costs little.
                LockSupport.parkNanos(this, Math.clamp(nowNs - workedNs, SHORT_PARK_NS, LONG_PARK_NS));
                Thread.interrupted(); // with the mark no park would last
            }
        }
    }

    private int sendAll(long nowNs) {
        int work = 0;
        for (Outgoing message = outgoing.poll(); message != null; message = outgoing.poll()) {
            work++;
            switch (message) {
                case Question question -> {
                    questions.put(++nextId, question);
                    peer(question.whom).add(nextId, 0, address.port(), question.bytes, nowNs);
                }
                case Answer answer ->
                    peer(answer.whom).add(answer.id, LinkFrame.ANSWER, address.port(), answer.bytes, nowNs);
            }
        }
        for (final LinkPeer peer : peers.values()) {
            try {
                work += peer.flush(nowNs);
            } catch (RegistrationException e) {
                aeron.errors().onError(e); // an unknown name, or no room: this one peer is tried again in a while
            }
        }
        return work;
    }

    private LinkPeer peer(Endpoint whom) {
        return peers.computeIfAbsent(whom, endpoint -> {
            final Outbound outbound = new Outbound(aeron.client(), STREAM_ID, true, counters);
            outbound.channel(channel(endpoint) + "|term-length=" + BufferPlan.CONTROL_TERM + "|pub-wnd="
                + BufferPlan.CONTROL_WINDOW, System.nanoTime());
            return new LinkPeer(outbound);
        });
    }

    private void expireQuestions(long nowNs) {
        for (final Iterator<Question> all = questions.values().iterator(); all.hasNext();) {
            final Question question = all.next();
            if (question.answer.isDone()) {
                all.remove(); // whoever asked waits for it no more
            } else if (nowNs - question.deadlineNs >= 0) {
                all.remove();
                question.answer.completeExceptionally(new TimeoutException(
                    "no answer from " + question.whom + " within " + question.timeout.toMillis() + " ms"));
            }
        }
    }

    private void onFrame(DirectBuffer buffer, int offset, int length, Header header) {
        if (length < LinkFrame.HEADER) {
            return; // not of ours
        }
        final int flags = LinkFrame.flags(buffer, offset);
        final LinkAssembly assembly = assemblies.computeIfAbsent(header.sessionId(), session ->
            new LinkAssembly(new Endpoint(Endpoint.parse(((Image) header.context()).sourceIdentity()).host(),
                LinkFrame.port(buffer, offset))));
        assembly.onPart(flags, buffer, offset + LinkFrame.HEADER, length - LinkFrame.HEADER)
            .ifPresent(message -> onMessage(LinkFrame.id(buffer, offset), flags, assembly.sender(), message));
    }

    private void onMessage(long id, int flags, Endpoint sender, byte[] message) {
        if ((flags & LinkFrame.ANSWER) == 0) {
            handler.onRequest(message, answer -> {
                requireLength(answer);
                send(new Answer(sender, id, answer));
            });
            return;
        }
        final Question question = questions.remove(id);
        if (question != null) {
            question.answer.complete(message);
        }
    }

    private void onGone(Image image) {
        assembler.freeSessionBuffer(image.sessionId());
        assemblies.remove(image.sessionId());
    }

    private TransportException closed() {
        return new TransportException(failure.orElse("the link " + address + " is closed"));
    }

    private static String channel(Endpoint endpoint) {
        return "aeron:udp?endpoint=" + endpoint;
    }

    private static void requireLength(byte[] message) {
        if (message.length > MAX_MESSAGE) {
            throw new IllegalArgumentException(
                "a message of " + message.length + " bytes: at most " + MAX_MESSAGE + " go over a link");
        }
    }

    /** On its way from any thread to the loop. */
    private sealed interface Outgoing {
    }

    private record Question(Endpoint whom, byte[] bytes, long deadlineNs, Duration timeout,
                            CompletableFuture<byte[]> answer) implements Outgoing {
    }

    private record Answer(Endpoint whom, long id, byte[] bytes) implements Outgoing {
    }
}
