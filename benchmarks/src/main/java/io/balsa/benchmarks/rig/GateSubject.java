package io.balsa.benchmarks.rig;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/** Three node processes behind their {@link Gate}s; the caller keeps one connection, to the leader. */
final class GateSubject implements Subject {
    private static final long LOOK_AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long PATIENCE_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int SEND_FROM_BYTES = 32 << 10;

    private final Nodes nodes;
    private final ByteBuffer in = ByteBuffer.allocateDirect(Gate.BUFFER_BYTES);
    private final ByteBuffer out = ByteBuffer.allocateDirect(Gate.BUFFER_BYTES);
    private Answers answers;
    private SocketChannel channel;
    private int leader = -1;
    private long lookAgainNs = System.nanoTime();

    GateSubject(Nodes nodes) {
        this.nodes = nodes;
    }

    @Override
    public void start(Answers answers) throws Exception {
        this.answers = answers;
        nodes.start();
    }

    @Override
    public boolean propose(int slot, Command command) {
        return send(Gate.WRITE, slot, command.bytes());
    }

    @Override
    public boolean read(int slot) {
        return send(Gate.READ, slot, new byte[0]);
    }

    /** What is handed over in one go travels together: it leaves with the next poll, or when there is enough of it. */
    private boolean send(byte kind, int slot, byte[] payload) {
        if (channel == null && !findLeader()) {
            return false;
        }
        if (out.remaining() < Gate.REQUEST_HEADER_BYTES + payload.length) {
            return false;
        }
        request(out, kind, slot, payload);
        if (out.position() >= SEND_FROM_BYTES) {
            poll();
        }
        return true;
    }

    private static void request(ByteBuffer to, byte kind, int slot, byte[] payload) {
        to.putInt(Gate.REQUEST_HEADER_BYTES - Integer.BYTES + payload.length).put(kind).putInt(slot).put(payload);
    }

    @Override
    public boolean isPolled() {
        return true;
    }

    @Override
    public int poll() {
        if (channel == null) {
            return 0;
        }
        try {
            out.flip();
            int work = out.hasRemaining() ? channel.write(out) : 0;
            out.compact();
            final int received = channel.read(in);
            if (received < 0) {
                throw new IOException("closed by the node");
            }
            work += received;
            in.flip();
            boolean refused = false;
            while (in.remaining() >= Gate.ANSWER_BYTES) {
                refused |= takeAnswer(in.get(), in.getInt());
            }
            in.compact();
            if (refused) {
                disconnect();
            }
            return work;
        } catch (IOException e) {
            disconnect();
            answers.failed(0, "connection to node " + leader + ": " + e.getMessage());
            return 0;
        }
    }

    private boolean takeAnswer(byte kind, int slot) {
        if (kind == Gate.DONE) {
            answers.done(slot);
        } else {
            answers.failed(slot, "refused by node " + leader);
        }
        return kind != Gate.DONE;
    }

    private void disconnect() {
        try {
            channel.close();
        } catch (IOException e) {
            System.err.println("closing the connection to node " + leader + ": " + e.getMessage());
        }
        channel = null;
    }

    private boolean findLeader() {
        if (System.nanoTime() - lookAgainNs < 0) {
            return false;
        }
        for (int id = 0; id < NODES && channel == null; id++) {
            channel = connectedIfLeader(id);
            leader = channel == null ? leader : id;
        }
        lookAgainNs = System.nanoTime() + LOOK_AGAIN_NS;
        in.clear();
        out.clear();
        return channel != null;
    }

    /** Null if that node is down or does not lead. */
    private SocketChannel connectedIfLeader(int id) {
        SocketChannel candidate = null;
        try {
            candidate = SocketChannel.open(new InetSocketAddress("127.0.0.1", Ports.of(id, Ports.GATE)));
            candidate.setOption(StandardSocketOptions.TCP_NODELAY, true);
            candidate.configureBlocking(false);
            in.clear();
            request(in, Gate.LEADS, 0, new byte[0]);
            candidate.write(in.flip());
            in.clear().limit(Gate.ANSWER_BYTES);
            final long deadline = System.nanoTime() + PATIENCE_NS;
            while (in.hasRemaining() && candidate.read(in) >= 0 && System.nanoTime() - deadline < 0) {
                Thread.yield();
            }
            if (!in.hasRemaining() && in.get(0) == Gate.DONE) {
                return candidate;
            }
            candidate.close();
            return null;
        } catch (IOException down) {
            if (candidate != null && candidate.isOpen()) {
                System.err.println("node " + id + ": " + down.getMessage());
            }
            return null;
        }
    }

    @Override
    public int leader() {
        return leader;
    }

    @Override
    public long otherCpuNs() {
        return nodes.otherCpuNs();
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            disconnect();
        }
        nodes.close();
    }
}
