package io.balsa.kv.cli;

import java.nio.charset.StandardCharsets;

/** Writes results to stdout as the bytes they are, each followed by a newline. */
final class Results {
    private static final byte[] NEWLINE = {'\n'};

    private Results() {
    }

    static void line(byte[] result) {
        System.out.writeBytes(result);
        System.out.writeBytes(NEWLINE);
    }

    static void line(String result) {
        line(result.getBytes(StandardCharsets.UTF_8));
    }
}
