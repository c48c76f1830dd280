package io.balsa.benchmarks.rig;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * How a caller in another process reaches a {@link Member}: one TCP connection, requests and answers in any order. The
 * thread that serves it polls and backs off to 50 us, as the agents of Aeron Cluster do; without a caller it sleeps.
 *
 * <pre>
 *   request: int length of what follows | byte kind | int slot | command (of a WRITE)
 *   answer:  byte kind | int slot
 * </pre>
 */
final class Gate implements Answers {
    static final byte WRITE = 1;
    static final byte READ = 2;
    /** Asks whether this node leads: answered by DONE or FAILED. */
    static final byte LEADS = 3;
    static final byte DONE = 4;
    static final byte FAILED = 5;
    /** Length, kind and slot. */
    static final int REQUEST_HEADER_BYTES = Integer.BYTES + 1 + Integer.BYTES;
    static final int ANSWER_BYTES = 1 + Integer.BYTES;
    static final int BUFFER_BYTES = 4 << 20;

    private final ManyToOneConcurrentArrayQueue<Answer> answers =
        new ManyToOneConcurrentArrayQueue<>(2 * Caller.MOST_OUTSTANDING);
    private final Answer[] done = new Answer[Caller.MOST_OUTSTANDING];
    private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final ByteBuffer out = ByteBuffer.allocateDirect(4 * ANSWER_BYTES * Caller.MOST_OUTSTANDING);

    Gate() {
        for (int slot = 0; slot < done.length; slot++) {
            done[slot] = new Answer(DONE, slot);
        }
    }

    private record Answer(byte kind, int slot) {
    }

    @Override
    public void done(int slot) {
        answers.offer(done[slot]);
    }

    @Override
    public void failed(int slot, String why) {
        answers.offer(new Answer(FAILED, slot));
    }

    /** Serves one caller after the other, for ever. */
    void serve(int port, Member member) throws Exception {
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            server.bind(new InetSocketAddress("127.0.0.1", port));
            while (server.isOpen()) {
                try (SocketChannel caller = server.accept()) {
                    serve(caller, member);
                } catch (IOException gone) {
                    System.err.println("gate: caller gone: " + gone.getMessage());
                }
            }
        }
    }

    private void serve(SocketChannel caller, Member member) throws Exception {
        caller.configureBlocking(false);
        caller.setOption(StandardSocketOptions.TCP_NODELAY, true);
        in.clear();
        out.clear();
        answers.clear();
        final IdleStrategy idle = new BackoffIdleStrategy(100, 10, 1_000, 50_000);
        while (true) {
            final int received = caller.read(in);
            if (received < 0) {
                return;
            }
            in.flip();
            while (takeRequest(member, caller)) {
                idle.reset();
            }
            in.compact();
            idle.idle(received + sendAnswers(caller));
        }
    }

    private boolean takeRequest(Member member, SocketChannel caller) throws Exception {
        if (in.remaining() < REQUEST_HEADER_BYTES || in.remaining() < Integer.BYTES + in.getInt(in.position())) {
            return false;
        }
        final int length = in.getInt() - (REQUEST_HEADER_BYTES - Integer.BYTES);
        final byte kind = in.get();
        final int slot = in.getInt();
        if (kind == LEADS) {
            answers.offer(new Answer(member.leads() ? DONE : FAILED, slot));
        } else {
            final byte[] bytes = new byte[length];
            in.get(bytes);
            final Command command = new Command(bytes, new UnsafeBuffer(bytes));
            hand(member, kind, slot, command, caller);
        }
        return true;
    }

    private void hand(Member member, byte kind, int slot, Command command, SocketChannel caller) throws IOException {
        try {
            while (!(kind == READ ? member.read(slot) : member.propose(slot, command))) {
                if (sendAnswers(caller) == 0) {
                    Thread.yield();
                }
            }
        } catch (Exception refused) { // by a follower, for instance
            failed(slot, refused.toString());
        }
    }

    private int sendAnswers(SocketChannel caller) throws IOException {
        while (out.remaining() >= ANSWER_BYTES) {
            final Answer answer = answers.poll();
            if (answer == null) {
                break;
            }
            out.put(answer.kind()).putInt(answer.slot());
        }
        out.flip();
        final int sent = out.hasRemaining() ? caller.write(out) : 0;
        out.compact();
        return sent;
    }
}
