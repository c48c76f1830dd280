package io.balsa.kv;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands before a node and loses replies: what was asked is executed, and the connection cut instead of the answer. */
final class CuttingProxy implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final int target;
    /** How many bytes of replies a connection carries before it is cut. */
    private final long replyBytes;
    /** How many replies to a {@code BALSA.DO} are still to be lost. */
    final AtomicInteger repliesToLose = new AtomicInteger();
    final AtomicInteger lost = new AtomicInteger();

    CuttingProxy(int target) throws IOException {
        this(target, Long.MAX_VALUE);
    }

    CuttingProxy(int target, long replyBytes) throws IOException {
        this.target = target;
        this.replyBytes = replyBytes;
        Thread.ofVirtual().start(this::accept);
    }

    String address() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                final Socket client = server.accept();
                final Socket node = new Socket(InetAddress.getLoopbackAddress(), target);
                open.add(client);
                open.add(node);
                final AtomicInteger unanswered = new AtomicInteger();
                Thread.ofVirtual().start(() -> pass(client, node, unanswered, true));
                Thread.ofVirtual().start(() -> pass(node, client, unanswered, false));
            } catch (IOException e) {
                // closed
            }
        }
    }

    private void pass(Socket from, Socket to, AtomicInteger unanswered, boolean request) {
        final byte[] bytes = new byte[64 << 10];
        long passed = 0;
        try (from; to) {
            final InputStream in = from.getInputStream();
            final OutputStream out = to.getOutputStream();
            for (int length = in.read(bytes); length > 0; length = in.read(bytes)) {
                if (request && new String(bytes, 0, length, StandardCharsets.ISO_8859_1)
                    .contains("BALSA.DO\r\n")) {
                    unanswered.incrementAndGet();
                } else if (!request && unanswered.getAndSet(0) > 0
                    && repliesToLose.getAndUpdate(CuttingProxy::less) > 0) {
                    lost.incrementAndGet();
                    return;
                }
                passed += length;
                if (!request && passed > replyBytes) {
                    return;
                }
                out.write(bytes, 0, length);
            }
        } catch (IOException e) {
            // one side is gone, so the other goes too
        }
    }

    private static int less(int count) {
        return Math.max(0, count - 1);
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (final Socket socket : open) {
            socket.close();
        }
    }
}
