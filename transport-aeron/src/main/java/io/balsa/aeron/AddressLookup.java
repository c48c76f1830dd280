package io.balsa.aeron;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Finds the address of one endpoint given by name. A name server may take seconds, so the loop only ever starts a
 * look-up on a thread of its own and collects the answer later; between failures it waits, longer each time.
 */
final class AddressLookup {
    private static final long FIRST_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long LONGEST_PAUSE_NS = TimeUnit.SECONDS.toNanos(30);

    private final Endpoint endpoint;
    private final NameService names;
    private final AtomicReference<Answer> answer = new AtomicReference<>();
    private boolean underWay;
    private long pauseNs = FIRST_PAUSE_NS;
    private long nextAtNs;

    AddressLookup(Endpoint endpoint, NameService names, long nowNs) {
        this.endpoint = endpoint;
        this.names = names;
        nextAtNs = nowNs + pauseNs;
    }

    /** Asks at once and waits for the answer; never on the loop. */
    static Optional<InetSocketAddress> ask(Endpoint endpoint, NameService names) {
        try {
            return Optional.of(new InetSocketAddress(names.addressOf(endpoint.host()), endpoint.port()));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    /** Returns the address once it is known. */
    Optional<InetSocketAddress> poll(long nowNs) {
        if (underWay) {
            final Answer given = answer.getAndSet(null);
            if (given == null) {
                return Optional.empty();
            }
            underWay = false;
            pauseNs = Math.min(2 * pauseNs, LONGEST_PAUSE_NS);
            nextAtNs = nowNs + pauseNs;
            return given.address();
        }
        if (nowNs - nextAtNs >= 0) {
            underWay = true;
            Thread.ofPlatform().daemon().name("balsa-lookup-" + endpoint.host())
                .start(() -> answer.set(askWhateverHappens()));
        }
        return Optional.empty();
    }

    /** A look-up that brought no answer at all would never be followed by another, and the peer be lost for good. */
    private Answer askWhateverHappens() {
        try {
            return new Answer(ask(endpoint, names));
        } catch (RuntimeException | Error e) {
            return new Answer(Optional.empty());
        }
    }

    /** Where names are looked up; numeric addresses are answered at once. */
    @FunctionalInterface
    interface NameService {
        InetAddress addressOf(String host) throws UnknownHostException;
    }

    /** Empty: there is none. Told apart from no answer yet. */
    private record Answer(Optional<InetSocketAddress> address) {
    }
}
