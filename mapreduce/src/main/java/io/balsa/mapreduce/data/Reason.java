package io.balsa.mapreduce.data;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** What an exception says, in one line. */
final class Reason {
    private static final int LONGEST = 300;

    private Reason() {
    }

    static String of(Throwable thrown) {
        if (thrown instanceof NoSuchFileException missing) {
            return "no file " + missing.getFile();
        }
        if (thrown instanceof FileSystemException failure && failure.getReason() != null) {
            return failure.getReason();
        }
        final String message = String.valueOf(thrown.getMessage()).lines().findFirst().orElse("");
        final String line = thrown instanceof IOException && thrown.getMessage() != null
            ? message : thrown.getClass().getSimpleName() + ": " + message;
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "...";
    }
}
