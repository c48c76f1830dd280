package io.balsa.mapreduce;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/** Texts to run jobs over, and what is in a directory afterwards. */
public final class Texts {
    private Texts() {
    }

    /** Words of a few letters, few of them often and many of them seldom, on lines of 0 to 12 words. */
    public static String random(RandomGenerator random, int words) {
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i < words; i++) {
            final int rank = (int) Math.min(1e6, Math.exp(random.nextDouble() * 9));
            text.append(word(rank));
            final int separator = random.nextInt(12);
            text.append(separator == 0 ? "\n" : separator == 1 ? ", " : separator == 2 ? ".\r\n" : " ");
            if (separator == 0 && random.nextInt(20) == 0) {
                text.append('\n');
            }
        }
        return text.toString();
    }

    private static String word(int rank) {
        final StringBuilder word = new StringBuilder();
        for (int rest = rank * 7919 + 1; rest > 0; rest /= 26) {
            word.append((char) ('a' + rest % 26));
        }
        return rank % 97 == 0 ? word + "\u00e9\u4e2d" : rank % 89 == 0 ? word + "aboutsixteenletters" : word.toString();
    }

    /** Writes {@code count} files of random text; every third one is packed. */
    public static void write(Path directory, long seed, int count, int words) throws IOException {
        Files.createDirectories(directory);
        final RandomGenerator random = new SplittableRandom(seed);
        for (int i = 0; i < count; i++) {
            final byte[] text = random(random, words).getBytes(StandardCharsets.UTF_8);
            if (i % 3 == 2) {
                try (OutputStream out = new GZIPOutputStream(
                        Files.newOutputStream(directory.resolve("text" + i + ".txt.gz")))) {
                    out.write(text);
                }
            } else {
                Files.write(directory.resolve("text" + i + ".txt"), text);
            }
        }
    }

    /** Returns the contents of all files of a directory by name, each byte as a character of its own. */
    public static Map<String, String> contents(Path directory) throws IOException {
        final Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (final Path file : files.filter(Files::isRegularFile).toList()) {
                contents.put(file.getFileName().toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
        return contents;
    }

    /** Returns all files under a directory, hidden ones too. */
    public static List<Path> allFiles(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            return new ArrayList<>(files.filter(Files::isRegularFile).sorted().toList());
        }
    }
}
