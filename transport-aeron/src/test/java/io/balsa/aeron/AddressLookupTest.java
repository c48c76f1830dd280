package io.balsa.aeron;

import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Names that are looked up while the loop runs. */
class AddressLookupTest {
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    private final AtomicInteger asked = new AtomicInteger();

    @Test
    void aNameServiceThatBreaksIsAskedAgain() {
        final AddressLookup lookup = new AddressLookup(new Endpoint("peer", 9_000), this::breakOnce, 0);
        final long deadline = System.nanoTime() + 30 * SECOND_NS;
        Optional<InetSocketAddress> address = Optional.empty();
        for (long nowNs = SECOND_NS; address.isEmpty(); nowNs += SECOND_NS) {
            assertTrue(System.nanoTime() - deadline < 0, "never asked again, asked " + asked + " times");
            address = lookup.poll(nowNs);
            LockSupport.parkNanos(10_000);
        }
        assertEquals(new InetSocketAddress(InetAddress.getLoopbackAddress(), 9_000), address.get());
        assertEquals(2, asked.get());
    }

    private InetAddress breakOnce(String host) {
        assertEquals("peer", host);
        if (asked.incrementAndGet() == 1) {
            throw new IllegalStateException("planted");
        }
        return InetAddress.getLoopbackAddress();
    }
}
