package io.balsa.kv;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A plain client: sends what a test writes, and shows replies as {@code +OK}, {@code -ERR ...}, numbers and lists. */
final class RespSocket implements AutoCloseable {
    private static final int READ_TIMEOUT_MS = 20_000;

    private final Socket socket;
    private final InputStream in;
    private final ByteArrayOutputStream unsent = new ByteArrayOutputStream();

    RespSocket(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(READ_TIMEOUT_MS);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** Adds a command to the next packet. */
    RespSocket add(String... words) {
        raw("*" + words.length + "\r\n");
        for (final String word : words) {
            raw("$" + word.getBytes(StandardCharsets.UTF_8).length + "\r\n" + word + "\r\n");
        }
        return this;
    }

    RespSocket raw(String text) {
        unsent.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    void send() throws IOException {
        socket.getOutputStream().write(unsent.toByteArray());
        unsent.reset();
    }

    Object ask(String... words) throws IOException {
        add(words).send();
        return read();
    }

    List<Object> read(int replies) throws IOException {
        final List<Object> all = new ArrayList<>();
        for (int i = 0; i < replies; i++) {
            all.add(read());
        }
        return all;
    }

    Object read() throws IOException {
        final String line = line();
        if (line == null) {
            return "closed";
        }
        return switch (line.charAt(0)) {
            case '+', '-' -> line;
            case ':' -> Long.parseLong(line.substring(1));
            case '$' -> {
                final int length = Integer.parseInt(line.substring(1));
                if (length < 0) {
                    yield "absent";
                }
                final String text = new String(in.readNBytes(length), StandardCharsets.UTF_8);
                in.readNBytes(2);
                yield text;
            }
            case '*' -> read(Integer.parseInt(line.substring(1)));
            default -> throw new IOException("not RESP: " + line);
        };
    }

    private String line() throws IOException {
        final ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                return null;
            }
            line.write(next);
        }
        return line.toString(StandardCharsets.UTF_8).stripTrailing();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
