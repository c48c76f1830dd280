package io.balsa.mapreduce.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

import io.balsa.mapreduce.InputFormat;
import io.balsa.mapreduce.InputRecord;
import io.balsa.mapreduce.Job;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.samples.WordCount;
import io.balsa.mapreduce.task.Split;
import io.balsa.mapreduce.task.TaskControl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However a file is cut, every line is read once, by the split in which it begins. */
final class SplitReaderTest {
    @TempDir
    private Path directory;

    private JobSpec spec(InputFormat format, Path file, long splitBytes) {
        final Job job = new WordCount().define(Map.of()).format(format).input(file.toString()).splitBytes(splitBytes);
        return job.taskMemory(JobSpec.MIN_TASK_MEMORY).spec();
    }

    private List<String> read(JobSpec spec) throws Exception {
        final List<String> records = new ArrayList<>();
        for (final Split split : Splits.of(spec)) {
            new SplitReader(split, spec, TaskControl.ALONE).read(new RecordConsumer() {
                @Override
                public void accept(InputRecord record) {
                    records.add(record.position() + ":" + record.text());
                }

                @Override
                public void buffersChange() {
                    // Records were copied.
                }
            });
        }
        return records;
    }

    private static List<String> lines(String text) {
        final List<String> lines = new ArrayList<>();
        int start = 0;
        while (start < text.length()) {
            final int newline = text.indexOf('\n', start);
            final int end = newline < 0 ? text.length() : newline;
            final String line = text.substring(start, end);
            final int kept = newline >= 0 && line.endsWith("\r") ? line.length() - 1 : line.length();
            lines.add(start + ":" + line.substring(0, kept));
            start = end + 1;
        }
        return lines;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "a", "a\n", "\na", "\n\n\n", "ab\ncd\nef", "ab\r\n\r\ncd\r\n",
        "one long line only", "a\n\n\nbcdefghijklmnopqrstuvwxyz\nb"})
    void everyLineIsReadOnceHoweverTheFileIsCut(String text) throws Exception {
        final Path file = Files.writeString(directory.resolve("text"), text);
        for (int bytes = 1; bytes <= text.length() + 1; bytes++) {
            assertEquals(lines(text), read(spec(InputFormat.LINES, file, bytes)), "splits of " + bytes);
        }
    }

    @Test
    void linesAcrossTheBordersOfChunksAreWhole() throws Exception {
        final SplittableRandom random = new SplittableRandom(5);
        final StringBuilder text = new StringBuilder();
        while (text.length() < 1_000_000) {
            text.append("x".repeat(random.nextInt(100) == 0 ? 100_000 : random.nextInt(200))).append('\n');
        }
        final Path file = Files.writeString(directory.resolve("text"), text);
        for (final long bytes : new long[] {10_000_000, 300_000, 70_001}) {
            assertEquals(lines(text.toString()), read(spec(InputFormat.LINES, file, bytes)), "splits of " + bytes);
        }
    }

    @Test
    void blocksAreWholeLinesAndAllOfThem() throws Exception {
        final String text = "some words on a line\n".repeat(30_000) + "the last";
        final Path file = Files.writeString(directory.resolve("text"), text);
        final List<String> blocks = read(spec(InputFormat.BLOCKS, file, 150_000));
        final StringBuilder together = new StringBuilder();
        for (final String block : blocks) {
            final int colon = block.indexOf(':');
            assertEquals(together.length(), Integer.parseInt(block.substring(0, colon)));
            together.append(block, colon + 1, block.length());
            assertTrue(block.endsWith("\n") || block.endsWith("the last"));
        }
        assertEquals(text, together.toString());
        assertTrue(blocks.size() > 4);
    }

    @Test
    void aLineLongerThanTheMemoryForItIsRefusedWithItsPlace() throws Exception {
        final Path file = Files.writeString(directory.resolve("text"), "ab\n" + "x".repeat(1 << 20));
        final IOException refused = assertThrows(IOException.class,
            () -> read(spec(InputFormat.LINES, file, 1 << 22)));
        assertTrue(refused.getMessage().startsWith("the line at " + file + ":3 is longer than"), refused.getMessage());
    }

    @Test
    void aFileLongerThanTheMemoryForItIsRefused() throws Exception {
        final Path file = Files.writeString(directory.resolve("text"), "x".repeat(1 << 20));
        final IOException refused = assertThrows(IOException.class,
            () -> read(spec(InputFormat.WHOLE_FILES, file, 1 << 22)));
        assertTrue(refused.getMessage().startsWith("file " + file + " is longer than"), refused.getMessage());
    }

    @Test
    void aWholeFileIsOneRecordEmptyOrNot() throws Exception {
        final Path empty = Files.writeString(directory.resolve("empty"), "");
        assertEquals(List.of("0:"), read(spec(InputFormat.WHOLE_FILES, empty, 10)));
        final Path full = Files.write(directory.resolve("full"), "a\nb\r\n".getBytes(StandardCharsets.UTF_8));
        assertEquals(List.of("0:a\nb\r\n"), read(spec(InputFormat.WHOLE_FILES, full, 1)));
    }

    @Test
    void aPackedFileThatIsDamagedIsRefusedByName() throws Exception {
        final Path file = Files.writeString(directory.resolve("text.gz"), "not packed at all");
        final IOException refused = assertThrows(IOException.class, () -> read(spec(InputFormat.LINES, file, 100)));
        assertEquals("input " + file + " cannot be read: Not in GZIP format", refused.getMessage());
    }
}
