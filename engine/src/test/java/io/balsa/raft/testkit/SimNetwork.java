package io.balsa.raft.testkit;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.random.RandomGenerator;

import io.balsa.raft.spi.Transport;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The wires between the nodes {@code 0..nodes-1}. A frame outlives the process that sent it, and arrives at whatever
 * process runs at its destination then.
 */
public final class SimNetwork {
    /** Watches frames as they leave and arrive. */
    public interface Observer {
        /** Watches nothing. */
        Observer NONE = new Observer() {
        };

        default void onSend(int from, int to, DirectBuffer buffer, int offset, int length) {
        }

        default void onDeliver(int from, int to, byte[] frame) {
        }

        default void onLost(int from, int to, byte[] frame) {
        }
    }

    /** Decides, in place of {@link Faults.Network}, what becomes of each frame. Cut links lose it all the same. */
    public interface Rule {
        /** Instead of a travel time: the frame is lost on the way. */
        long LOST = -1;

        /** A process offers a frame; returns how many nanoseconds it travels, or {@link #LOST}. */
        long onOffer(int from, int to, DirectBuffer buffer, int offset, int length);

        /** A frame has come all the way; its receiver will poll it. */
        default void onArrival(int from, int to, byte[] frame) {
        }
    }

    private static final int MARGIN = 40;

    /** A frame that has arrived and waits for its receiver to poll. */
    private static final class Arrived {
        private final int pair;
        private final byte[] frame;

        private Arrived(int pair, byte[] frame) {
            this.pair = pair;
            this.frame = frame;
        }
    }

    private final int nodes;
    private final int[] maxFrameLength;
    private final int[] windowBytes;
    private final Schedule schedule;
    private final RandomGenerator random;
    private final Observer observer;
    private final Endpoint[] endpoints;
    private final boolean[][] cut;
    private final long[][] lastArrival;
    private final int[][] inFlight;
    private Faults.Network faults;
    private Rule rule;
    private long sent;
    private long lost;

    /**
     * @param maxFrameLength by stream
     * @param windowBytes    by stream: with more than this sent to a node and not polled, offers are BACK_PRESSURED
     */
    public SimNetwork(int nodes, int[] maxFrameLength, int[] windowBytes, Schedule schedule, RandomGenerator random,
                      Faults.Network faults, Observer observer) {
        this.nodes = nodes;
        this.maxFrameLength = maxFrameLength.clone();
        this.windowBytes = windowBytes.clone();
        this.schedule = schedule;
        this.random = random;
        this.faults = faults;
        this.observer = observer;
        this.endpoints = new Endpoint[nodes];
        this.cut = new boolean[nodes][nodes];
        this.lastArrival = new long[nodes * nodes][Transport.STREAMS];
        this.inFlight = new int[nodes * nodes][Transport.STREAMS];
    }

    /** Plugs a new process of {@code node} in, in place of its former one. */
    Endpoint connect(int node, KillSwitch killSwitch, Runnable wake) {
        disconnect(node);
        endpoints[node] = new Endpoint(node, killSwitch, wake);
        return endpoints[node];
    }

    /** Plugs in a process that is never killed. */
    public Transport connect(int node) {
        return connect(node, new KillSwitch(), () -> { });
    }

    /** Nothing of {@code node} runs any more; what it had not polled is gone. */
    public void disconnect(int node) {
        if (endpoints[node] != null) {
            endpoints[node].clear();
            endpoints[node] = null;
        }
    }

    /** Frames from one to the other are lost from now on, also those under way. */
    public void cut(int from, int to) {
        cut[from][to] = true;
    }

    /** Undoes {@link #cut} of these two. */
    public void join(int from, int to) {
        cut[from][to] = false;
    }

    /** Undoes every cut. */
    public void heal() {
        for (final boolean[] row : cut) {
            Arrays.fill(row, false);
        }
    }

    void setFaults(Faults.Network faults) {
        this.faults = faults;
    }

    /** From here on {@code rule} decides, and no offer is refused but for a full window. */
    public void setRule(Rule rule) {
        this.rule = rule;
    }

    long sent() {
        return sent;
    }

    long lost() {
        return lost;
    }

    private int send(Endpoint sender, int to, int stream, DirectBuffer buffer, int offset, int length) {
        final int from = sender.node;
        final int pair = from * nodes + to;
        if (rule != null) {
            return sendByRule(sender, to, stream, buffer, offset, length);
        }
        if ((endpoints[to] == null || cut[from][to]) && random.nextDouble() < faults.notConnected()) {
            return Transport.NOT_CONNECTED;
        }
        if (inFlight[pair][stream] > windowBytes[stream] || random.nextDouble() < faults.refuse()) {
            return Transport.BACK_PRESSURED;
        }
        observer.onSend(from, to, buffer, offset, length);
        sent++;
        final byte[] frame = new byte[length];
        buffer.getBytes(offset, frame);
        if (random.nextDouble() < faults.loss()) {
            lose(from, to, frame);
        } else {
            final int copies = random.nextDouble() < faults.duplicate() ? 2 : 1;
            for (int copy = 0; copy < copies; copy++) {
                schedule.at(drawArrival(sender.heldUntil, length, lastArrival[pair], stream),
                    () -> arrive(from, to, stream, frame));
                inFlight[pair][stream] += length;
            }
        }
        return Transport.ACCEPTED;
    }

    private int sendByRule(Endpoint sender, int to, int stream, DirectBuffer buffer, int offset, int length) {
        final int from = sender.node;
        final int pair = from * nodes + to;
        if (inFlight[pair][stream] > windowBytes[stream]) {
            return Transport.BACK_PRESSURED;
        }
        observer.onSend(from, to, buffer, offset, length);
        sent++;
        final long travelNs = rule.onOffer(from, to, buffer, offset, length);
        final byte[] frame = new byte[length];
        buffer.getBytes(offset, frame);
        if (travelNs == Rule.LOST || endpoints[to] == null || cut[from][to]) {
            lose(from, to, frame);
        } else {
            inFlight[pair][stream] += length;
            schedule.at(Math.max(schedule.now(), sender.heldUntil) + travelNs, () -> arrive(from, to, stream, frame));
        }
        return Transport.ACCEPTED;
    }

    private long drawArrival(long heldUntil, int length, long[] streamArrivals, int stream) {
        final long leaves = Math.max(schedule.now(), heldUntil);
        // about 10 Gbit/s
        long arrival = leaves + length + random.nextLong(faults.minDelayNs(), faults.maxDelayNs() + 1);
        if (random.nextDouble() < faults.longDelay()) {
            return arrival + random.nextLong(faults.maxLongDelayNs());
        }
        if (random.nextDouble() >= faults.overtake()) {
            arrival = Math.max(arrival, streamArrivals[stream] + 1);
            streamArrivals[stream] = arrival;
        }
        return arrival;
    }

    private void arrive(int from, int to, int stream, byte[] frame) {
        final Endpoint receiver = endpoints[to];
        final int pair = from * nodes + to;
        if (receiver == null || cut[from][to]) {
            inFlight[pair][stream] -= frame.length;
            lose(from, to, frame);
            return;
        }
        observer.onDeliver(from, to, frame);
        if (rule != null) {
            rule.onArrival(from, to, frame);
        }
        receiver.inbox.get(stream).add(new Arrived(pair, frame));
        receiver.wake.run();
    }

    private void lose(int from, int to, byte[] frame) {
        lost++;
        observer.onLost(from, to, frame);
    }

    /** One process's side of the network. */
    final class Endpoint implements Transport {
        private final int node;
        private final KillSwitch killSwitch;
        private final Runnable wake;
        private final List<Queue<Arrived>> inbox = List.of(new ArrayDeque<>(), new ArrayDeque<>(), new ArrayDeque<>());
        private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[4096]);
        private long heldUntil;

        private Endpoint(int node, KillSwitch killSwitch, Runnable wake) {
            this.node = node;
            this.killSwitch = killSwitch;
            this.wake = wake;
        }

        /** The process is busy until then; what it sends meanwhile leaves then. */
        void holdUntil(long time) {
            heldUntil = time;
        }

        @Override
        public int maxFrameLength(int stream) {
            if (stream < 0 || stream >= STREAMS) {
                throw new IllegalArgumentException("there is no stream " + stream);
            }
            return maxFrameLength[stream];
        }

        @Override
        public int offer(int to, int stream, DirectBuffer buffer, int offset, int length) {
            if (to < 0 || to >= nodes || to == node) {
                throw new IllegalArgumentException("node " + to + " is no peer of node " + node);
            }
            if (length > maxFrameLength[stream]) {
                throw new IllegalArgumentException("frame of " + length + " bytes, at most "
                    + maxFrameLength[stream] + " fit on stream " + stream);
            }
            killSwitch.onCall();
            return endpoints[node] == this ? send(this, to, stream, buffer, offset, length) : NOT_CONNECTED;
        }

        @Override
        public int poll(FrameHandler handler, int limit) {
            int delivered = 0;
            for (int stream = 0; stream < STREAMS; stream++) {
                final Queue<Arrived> queue = inbox.get(stream);
                for (int i = 0; i < limit && !queue.isEmpty(); i++) {
                    final Arrived arrived = queue.remove();
                    inFlight[arrived.pair][stream] -= arrived.frame.length;
                    delivered++;
                    deliver(arrived.frame, handler);
                }
            }
            return delivered;
        }

        private void deliver(byte[] frame, FrameHandler handler) {
            if (scratch.capacity() < frame.length + MARGIN) {
                scratch.wrap(new byte[2 * frame.length + MARGIN]);
            }
            scratch.putBytes(MARGIN, frame);
            handler.onFrame(scratch, MARGIN, frame.length);
            // whoever keeps the buffer beyond the call shall notice
            scratch.setMemory(MARGIN, Math.min(frame.length, 256), (byte) 0x5A);
        }

        private void clear() {
            for (int stream = 0; stream < STREAMS; stream++) {
                for (final Arrived arrived : inbox.get(stream)) {
                    inFlight[arrived.pair][stream] -= arrived.frame.length;
                }
                inbox.get(stream).clear();
            }
        }

        @Override
        public int doWork() {
            return 0;
        }

        @Override
        public void close() {
            if (endpoints[node] == this) {
                disconnect(node);
            }
        }
    }
}
