package io.balsa.kv;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A connection to a node as its client, in direct mode: that node answers for itself or says who leads. Not for several
 * threads.
 */
final class RespConnection implements AutoCloseable {
    /** What a socket's buffers take without anybody reading. */
    private static final int SENT_AT_ONCE_BYTES = 32 << 10;

    private final Socket socket = new Socket();
    private ByteArrayOutputStream unsent = new ByteArrayOutputStream();
    private RespWriter writer = new RespWriter(unsent);
    private final ReplyReader replies;

    private RespConnection(HostPort address, long deadlineNs) throws IOException {
        try {
            socket.setTcpNoDelay(true);
            socket.connect(address.resolved(), millisUntil(deadlineNs));
            replies = new ReplyReader(socket.getInputStream());
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    static RespConnection open(HostPort address, long deadlineNs) throws IOException {
        final RespConnection connection = new RespConnection(address, deadlineNs);
        try {
            connection.send(List.of("BALSA.DIRECT".getBytes(StandardCharsets.US_ASCII)));
            connection.flush();
            if (!connection.receive(deadlineNs).equals(KvReply.Ok.OK)) {
                throw new ProtocolException(address + " is not a Balsa node");
            }
            return connection;
        } catch (IOException e) {
            connection.close();
            throw e;
        }
    }

    /** Adds a command to what {@link #flush} sends. */
    void send(List<byte[]> words) {
        try {
            writer.strings(words);
        } catch (IOException e) {
            throw new IllegalStateException("memory takes every write", e);
        }
    }

    void flush() throws IOException {
        writer.flush();
        final byte[] bytes = unsent.toByteArray(); // writeTo() would hold a lock, and with it a carrier thread
        if (bytes.length <= SENT_AT_ONCE_BYTES) {
            unsent.reset();
            socket.getOutputStream().write(bytes);
        } else {
            // Not kept for the next round: one large command must not cost its connection that much memory for good.
            unsent = new ByteArrayOutputStream();
            writer = new RespWriter(unsent);
            // The other side may stop reading until we read its replies: who sends much must not wait to be done.
            Thread.startVirtualThread(() -> sendOrClose(bytes));
        }
    }

    /**
     * Waits for the next reply.
     *
     * @throws java.net.SocketTimeoutException when the deadline passed; waiting may go on later
     */
    KvReply receive(long deadlineNs) throws IOException {
        socket.setSoTimeout(millisUntil(deadlineNs));
        return replies.next();
    }

    @Override
    public void close() {
        closeSocket();
        replies.close();
    }

    private void sendOrClose(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException e) {
            closeSocket(); // wakes the reader, which reports it
        }
    }

    private void closeSocket() {
        try {
            socket.close();
        } catch (IOException e) {
            // nothing depends on it any more
        }
    }

    private static int millisUntil(long deadlineNs) {
        final long millis = TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime());
        return (int) Math.max(1, Math.min(millis, Integer.MAX_VALUE)); // 0 would mean for ever
    }
}
