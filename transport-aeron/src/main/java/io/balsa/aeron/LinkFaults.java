package io.balsa.aeron;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Loses datagrams on their way out, per peer and at run time, beneath Aeron's own repair: for tests of what a bad
 * network does to a real node. To cut a link in both directions, both ends lose what they send to each other.
 *
 * <p>Rates may be set from any thread and act from the next datagram on.
 */
public final class LinkFaults {
    private final Map<Integer, Double> lossByPeer = new ConcurrentHashMap<>();
    private final Map<InetSocketAddress, Integer> peerByAddress = new ConcurrentHashMap<>();
    private final SplittableRandom random;

    /**
     * Loses nothing until told to.
     *
     * @param seed of the draws; which datagrams a seed meets still depends on the timing of a real network
     */
    public LinkFaults(long seed) {
        random = new SplittableRandom(seed);
    }

    /**
     * Sets how lossy the way to one peer is.
     *
     * @param peer  a node id
     * @param share of the datagrams to this peer that are lost: 0 heals the link, 1 cuts it
     */
    public void loseTo(int peer, double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("share: 0 to 1, not " + share);
        }
        lossByPeer.put(peer, share);
    }

    void locate(int peer, List<InetSocketAddress> addresses) {
        addresses.forEach(address -> peerByAddress.put(address, peer));
    }

    /** Whether the next datagram to this address is lost. Loop thread only: it draws. */
    boolean losesNext(InetSocketAddress address) {
        final Integer peer = peerByAddress.get(address);
        final double share = peer == null ? 0 : lossByPeer.getOrDefault(peer, 0.0);
        return share > 0 && random.nextDouble() < share;
    }
}
