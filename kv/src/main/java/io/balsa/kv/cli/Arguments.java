package io.balsa.kv.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

import io.balsa.raft.spi.RaftException;

/** Keys and values are bytes; a command line is text. */
final class Arguments {
    private static final String FROM_STDIN = "-";
    private static final char UNDECODABLE = '\uFFFD';

    private Arguments() {
    }

    static boolean isFromStdin(String argument) {
        return argument.equals(FROM_STDIN);
    }

    static byte[] key(String argument) {
        // The JVM decodes arguments by the locale, which kv/bin/balsa makes one of UTF-8, and puts this mark where it
        // could not: the bytes are lost.
        if (argument.indexOf(UNDECODABLE) >= 0) {
            throw new UsageException("an argument is not UTF-8 text; give the value as - on standard input");
        }
        return argument.getBytes(StandardCharsets.UTF_8);
    }

    /** As a key, and {@code -} stands for all of standard input, byte for byte. */
    static byte[] value(String argument) {
        if (!isFromStdin(argument)) {
            return key(argument);
        }
        try {
            return System.in.readAllBytes();
        } catch (final IOException e) {
            throw new RaftException("standard input cannot be read: " + e.getMessage(), e);
        }
    }
}
