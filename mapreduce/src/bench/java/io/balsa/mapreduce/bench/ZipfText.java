package io.balsa.mapreduce.bench;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * Texts of words of 2 to 14 small letters with one space or line end after each: the same bytes on every machine. Words
 * are drawn either as Zipf has it (exponent 1, 200,000 of them) or evenly from eight million.
 */
final class ZipfText {
    private static final int FILES = 8;
    private static final int ZIPF_WORDS = 200_000;
    private static final int EVEN_WORDS = 8_000_000;
    private static final int WORDS_A_LINE = 12;

    private ZipfText() {
    }

    /** Makes the files in {@code directory} unless they are there, as long as they should be. */
    static void make(Path directory, boolean zipf, long bytes) throws IOException {
        final Path done = directory.resolve(".done");
        if (!Files.exists(done) || !Files.readString(done).equals(Long.toString(bytes))) {
            Files.createDirectories(directory);
            final byte[][] words = words(zipf ? ZIPF_WORDS : EVEN_WORDS);
            final double[] cumulative = zipf ? cumulative(words.length) : new double[0];
            for (int file = 0; file < FILES; file++) {
                write(directory.resolve("text" + file + ".txt"), words, cumulative, bytes / FILES, file);
            }
            Files.writeString(done, Long.toString(bytes));
        }
    }

    private static byte[][] words(int count) {
        final SplittableRandom random = new SplittableRandom(42);
        final byte[][] words = new byte[count][];
        for (int rank = 0; rank < count; rank++) {
            final byte[] word = new byte[2 + random.nextInt(13)];
            for (int i = 0; i < word.length; i++) {
                word[i] = (byte) ('a' + random.nextInt(26));
            }
            words[rank] = word;
        }
        return words;
    }

    private static double[] cumulative(int count) {
        final double[] sums = new double[count];
        double sum = 0;
        for (int rank = 0; rank < count; rank++) {
            sum += 1.0 / (rank + 1);
            sums[rank] = sum;
        }
        return sums;
    }

    private static void write(Path path, byte[][] words, double[] cumulative, long bytes, int seed)
        throws IOException {
        final SplittableRandom random = new SplittableRandom(1_000 + seed);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(path), 1 << 16)) {
            long written = 0;
            while (written < bytes) {
                final byte[] word = words[cumulative.length == 0 ? random.nextInt(words.length)
                    : rank(cumulative, random.nextDouble())];
                out.write(word);
                out.write(random.nextInt(WORDS_A_LINE) == 0 ? '\n' : ' ');
                written += word.length + 1;
            }
            out.write('\n');
        }
    }

    private static int rank(double[] cumulative, double uniform) {
        final double wanted = uniform * cumulative[cumulative.length - 1];
        int low = 0;
        int high = cumulative.length - 1;
        while (low < high) {
            final int middle = low + high >>> 1;
            if (cumulative[middle] < wanted) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
