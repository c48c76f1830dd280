package io.balsa.aeron;

import io.aeron.Aeron;
import io.aeron.exceptions.RegistrationException;
import io.balsa.raft.spi.Transport;
import io.balsa.raft.spi.TransportException;
import org.agrona.DirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Frames over Aeron UDP; see the package description for streams, threads and memory.
 *
 * <p>Refused frames are dropped and counted: the engine resends what matters. Nothing is sent before the
 * {@link #doWork()} that follows an offer. A frame that a handler throws on counts as delivered, and what it threw
 * comes out of {@link #poll}.
 */
public final class AeronTransport implements Transport {
    static final int CONTROL_STREAM_ID = 1001;
    static final int APPEND_STREAM_ID = 1002;
    static final int SNAPSHOT_STREAM_ID = 1003;
    private static final long OPEN_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(10);
    /** After this long without a snapshot frame, and twice that at most, a peer's publication for them is given up. */
    static final long IDLE_NS = TimeUnit.SECONDS.toNanos(5);

    private final EmbeddedAeron aeron;
    private final BufferPlan plan;
    private final String description;
    private final FrameCounters counters = new FrameCounters();
    private final Inbound control;
    private final Inbound append;
    private final Inbound snapshot;
    private final Int2ObjectHashMap<Peer> peers = new Int2ObjectHashMap<>();
    private final List<Peer> peersInOrder = new ArrayList<>();
    /** Since the last {@link #doWork()}, to all peers, with what Aeron adds to a frame at most; snapshots apart. */
    private long offeredBytes;
    /** Whether some publication is missing, so that {@link #doWork()} has to look after it. */
    private boolean incomplete = true;
    /** Whether some publication for snapshots may have to be given up. */
    private boolean sendsSnapshots;
    private long nextRestNs = System.nanoTime();
    private boolean closed;

    private AeronTransport(AeronConfig config, AddressLookup.NameService names, EmbeddedAeron.Tuning tuning) {
        final InetSocketAddress bind = AddressLookup.ask(config.bind(), names).orElseThrow(() ->
            new TransportException("cannot listen on UDP " + config.bind() + ": the name is unknown; bind a numeric "
                + "address of this host"));
        final Map<Integer, InetSocketAddress> known = new HashMap<>();
        config.peers().forEach((id, endpoint) ->
            AddressLookup.ask(endpoint, names).ifPresent(address -> known.put(id, address)));
        final boolean loopback = bind.getAddress().isLoopbackAddress() && known.size() == config.peers().size()
            && known.values().stream().allMatch(address -> address.getAddress().isLoopbackAddress());
        final SocketBuffers sockets = SocketBuffers.granted(config.bind(), bind, Profile.BULK.socketBuffer);
        SocketBuffers.granted(config.bind().forSnapshots(), forSnapshots(bind), Profile.BULK.socketBuffer);
        final BufferDirectory directory = BufferDirectory.choose(config, sockets, loopback);
        plan = directory.plan();
        description = directory.description();
        aeron = EmbeddedAeron.launch(config.faults(), directory, tuning);
        try {
            final Aeron client = aeron.client();
            final String own = channel(bind);
            control = new Inbound(client, own, CONTROL_STREAM_ID, counters);
            append = new Inbound(client, own, APPEND_STREAM_ID, counters);
            snapshot = new Inbound(client, channel(forSnapshots(bind)), SNAPSHOT_STREAM_ID, counters);
            final long nowNs = System.nanoTime();
            config.peers().forEach((id, endpoint) -> {
                final Peer peer = new Peer(id, new AddressLookup(endpoint, names, nowNs), config.faults());
                peers.put(id.intValue(), peer);
                peersInOrder.add(peer);
                Optional.ofNullable(known.get(id)).ifPresent(address -> peer.locatedAt(address, nowNs));
            });
            awaitOpen(config);
        } catch (RuntimeException e) {
            aeron.close();
            throw e;
        }
    }

    /**
     * Binds the node's two ports, makes the buffers and resolves the peers' names. May wait for a name server; a peer
     * whose name is unknown now is looked up again later. Peers need not be there. The caller becomes the transport's
     * thread, or hands it over safely.
     *
     * @throws TransportException when a port is in use, the buffers find no room, or the JVM lacks a flag
     */
    public static AeronTransport open(AeronConfig config) {
        return open(config, InetAddress::getByName, EmbeddedAeron.Tuning.NONE);
    }

    static AeronTransport open(AeronConfig config, AddressLookup.NameService names, EmbeddedAeron.Tuning tuning) {
        requireAccessToMemory();
        return new AeronTransport(config, names, tuning);
    }

    /** One line for an operator: the profile chosen, sizes, place, and a warning if the place is a poor one. */
    public String description() {
        return description;
    }

    /** What happened so far. Loop thread only. */
    public Counters counters() {
        final EmbeddedAeron.Errors errors = aeron.errors();
        return new Counters(counters.sent, counters.received, counters.backPressured, counters.notConnected,
            counters.adminAction, counters.reopened, errors.count(),
            Optional.ofNullable(errors.last()).map(Throwable::toString));
    }

    @Override
    public int maxFrameLength(int stream) {
        return switch (stream) {
            case CONTROL -> BufferPlan.MAX_CONTROL_FRAME;
            case APPEND -> plan.maxAppendFrame();
            case SNAPSHOT -> plan.maxSnapshotFrame();
            default -> throw new IllegalArgumentException("stream: CONTROL, APPEND or SNAPSHOT, not " + stream);
        };
    }

    @Override
    public int offer(int to, int stream, DirectBuffer buffer, int offset, int length) {
        if (length > maxFrameLength(stream)) {
            throw new IllegalArgumentException("frame of " + length + " bytes: stream " + stream + " takes at most "
                + maxFrameLength(stream));
        }
        final Peer peer = peers.get(to);
        if (peer == null) {
            throw new IllegalArgumentException("node " + to + " is not a peer of this one");
        }
        final Outbound outbound = peer.outbound(stream);
        final int outcome = outbound.offer(buffer, offset, length);
        // A snapshot takes one datagram a turn, so that no burst of it stands between two control frames.
        if (outcome == ACCEPTED && stream != SNAPSHOT) {
            offeredBytes += length + 2 * BufferPlan.DATA_HEADER;
        }
        incomplete |= !outbound.isOpen();
        sendsSnapshots |= stream == SNAPSHOT;
        return outcome;
    }

    @Override
    public int poll(FrameHandler handler, int limit) {
        return control.poll(handler, limit) + append.poll(handler, limit) + snapshot.poll(handler, limit);
    }

    @Override
    public int doWork() {
        // What fits one datagram has left after the driver's first turn; more turns are for more than that.
        int work = aeron.invoke(offeredBytes > plan.controlMtu());
        offeredBytes = 0;
        if (incomplete) {
            work += complete(System.nanoTime());
        }
        if (sendsSnapshots) {
            restIfIdle(System.nanoTime());
        }
        return work;
    }

    /** Quiet and quick: frames still on their way may be lost. The driver's directory is removed. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            aeron.close();
        }
    }

    private int complete(long nowNs) {
        int work = 0;
        boolean missing = false;
        for (int i = 0; i < peersInOrder.size(); i++) {
            final Peer peer = peersInOrder.get(i);
            try {
                work += peer.open(nowNs);
            } catch (RegistrationException e) {
                aeron.errors().onError(e);
            }
            missing |= peer.isMissing();
        }
        incomplete = missing;
        return work;
    }

    private void restIfIdle(long nowNs) {
        if (nowNs - nextRestNs >= 0) {
            nextRestNs = nowNs + IDLE_NS;
            boolean inUse = false;
            for (int i = 0; i < peersInOrder.size(); i++) {
                final Outbound outbound = peersInOrder.get(i).snapshot;
                outbound.restIfIdle();
                inUse |= outbound.isOpen() || outbound.isMissing();
            }
            sendsSnapshots = inUse;
        }
    }

    /** So that what cannot work fails here and not in the loop: a port lost to another process, no room for a log. */
    private void awaitOpen(AeronConfig config) {
        final long deadlineNs = System.nanoTime() + OPEN_TIMEOUT_NS;
        boolean open = false;
        while (!open) {
            aeron.invoke(false);
            open = isBound(config.bind(), control) && isBound(config.bind(), append)
                && isBound(config.bind().forSnapshots(), snapshot);
            try {
                for (Peer peer : peersInOrder) {
                    peer.open(System.nanoTime());
                    open &= !peer.isMissing() || peer.isLost();
                }
            } catch (RegistrationException e) {
                throw new TransportException("cannot make the buffers: " + e.getMessage() + "; " + description, e);
            }
            if (!open && System.nanoTime() - deadlineNs > 0) {
                throw new TransportException("the media driver did not answer within 10 s; is this machine overloaded? "
                    + description);
            }
        }
    }

    private boolean isBound(Endpoint port, Inbound inbound) {
        try {
            return inbound.open(aeron.client());
        } catch (RegistrationException e) {
            throw SocketBuffers.portInUse(port, e);
        }
    }

    private String controlChannel(InetSocketAddress address) {
        return channel(address) + "|term-length=" + BufferPlan.CONTROL_TERM + "|pub-wnd=" + BufferPlan.CONTROL_WINDOW
            + "|mtu=" + plan.controlMtu();
    }

    private String snapshotChannel(InetSocketAddress address) {
        return channel(address) + "|term-length=" + plan.snapshotTerm() + "|pub-wnd=" + plan.snapshotWindow()
            + "|mtu=" + plan.snapshotMtu();
    }

    private static InetSocketAddress forSnapshots(InetSocketAddress address) {
        return new InetSocketAddress(address.getAddress(), address.getPort() + 1);
    }

    private static String channel(InetSocketAddress address) {
        return "aeron:udp?endpoint=" + new Endpoint(address.getAddress().getHostAddress(), address.getPort());
    }

    private static void requireAccessToMemory() {
        try {
            new UnsafeBuffer(new byte[Long.BYTES]).putLong(0, 1);
        } catch (LinkageError e) {
            throw new TransportException("this JVM does not let Aeron at its memory; start it with "
                + "--add-opens java.base/jdk.internal.misc=ALL-UNNAMED", e);
        }
    }

    /**
     * What happened since the transport was opened.
     *
     * @param sent             frames accepted for sending
     * @param received         frames delivered
     * @param backPressured    frames refused because the peer's window was full
     * @param notConnected     frames refused because nobody listened, or no publication was there
     * @param adminAction      frames refused because the log was being rotated, even after retries
     * @param reopened         publications made again after Aeron had given them up
     * @param errors           what Aeron reported
     * @param lastError        the last of those, or the fatal one
     */
    public record Counters(long sent, long received, long backPressured, long notConnected, long adminAction,
                           long reopened, long errors, Optional<String> lastError) {
    }

    /** One other node: three streams towards it, once its address is known. */
    private final class Peer {
        private final int id;
        private final AddressLookup lookup;
        private final Optional<LinkFaults> faults;
        private final Outbound control = new Outbound(aeron.client(), CONTROL_STREAM_ID, false, counters);
        private final Outbound append = new Outbound(aeron.client(), APPEND_STREAM_ID, false, counters);
        private final Outbound snapshot = new Outbound(aeron.client(), SNAPSHOT_STREAM_ID, true, counters);
        private boolean located;

        Peer(int id, AddressLookup lookup, Optional<LinkFaults> faults) {
            this.id = id;
            this.lookup = lookup;
            this.faults = faults;
        }

        void locatedAt(InetSocketAddress address, long nowNs) {
            located = true;
            final InetSocketAddress second = forSnapshots(address);
            faults.ifPresent(rates -> rates.locate(id, List.of(address, second)));
            control.channel(controlChannel(address), nowNs);
            append.channel(channel(address), nowNs);
            snapshot.channel(snapshotChannel(second), nowNs);
        }

        int open(long nowNs) {
            if (!located) {
                lookup.poll(nowNs).ifPresent(address -> locatedAt(address, nowNs));
            }
            return control.open(nowNs) + append.open(nowNs) + snapshot.open(nowNs);
        }

        Outbound outbound(int stream) {
            return stream == CONTROL ? control : stream == APPEND ? append : snapshot;
        }

        boolean isMissing() {
            return control.isMissing() || append.isMissing() || snapshot.isMissing();
        }

        boolean isLost() {
            return !located;
        }
    }
}
