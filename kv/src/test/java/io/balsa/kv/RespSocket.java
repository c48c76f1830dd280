package io.balsa.kv;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A plain connection as any Redis client makes one: no session, no retry, no second address. */
final class RespSocket implements Closeable {
    private final Socket socket = new Socket();
    private final InputStream in;

    RespSocket(int port, Duration timeout) throws IOException {
        final int millis = Math.toIntExact(timeout.toMillis());
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(millis);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), millis);
            in = new BufferedInputStream(socket.getInputStream());
        } catch (final IOException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * Sends one command and reads its answer.
     *
     * @return a status or an error as it came, with its first character; a number in digits; a value; null for none
     */
    String call(String... words) throws IOException {
        final StringBuilder request = new StringBuilder().append('*').append(words.length).append("\r\n");
        for (final String word : words) {
            request.append('$').append(word.getBytes(StandardCharsets.UTF_8).length).append("\r\n")
                .append(word).append("\r\n");
        }
        socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.UTF_8));
        final String line = readLine();
        return switch (line.charAt(0)) {
            case ':' -> line.substring(1);
            case '$' -> readBulk(Integer.parseInt(line, 1, line.length(), 10));
            default -> line;
        };
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private String readBulk(int length) throws IOException {
        if (length < 0) {
            return null;
        }
        final byte[] value = in.readNBytes(length);
        if (value.length < length || !readLine().isEmpty()) {
            throw new EOFException("the connection ended within a value");
        }
        return new String(value, StandardCharsets.UTF_8);
    }

    private String readLine() throws IOException {
        final ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c != '\r'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the connection ended");
            }
            line.write(c);
        }
        if (in.read() != '\n') {
            throw new IOException("a line ended with a lone carriage return");
        }
        return line.toString(StandardCharsets.UTF_8);
    }
}
