package io.balsa.mapreduce.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.balsa.mapreduce.InputFormat;
import io.balsa.mapreduce.Job;
import io.balsa.mapreduce.JobResult;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.MapReduce;
import io.balsa.mapreduce.Texts;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every sample against the sequential run, byte for byte, in memory that holds all and in the least there can be. */
final class SamplesTest {
    @TempDir
    private static Path directory;
    private static Path texts;

    @BeforeAll
    static void writeTexts() throws Exception {
        texts = directory.resolve("texts");
        Texts.write(texts, 7, 7, 30_000);
        Files.writeString(texts.resolve("empty.txt"), "");
        Files.writeString(texts.resolve("odd.txt"), "\n\n  A\u0000b\u00c0\ud83d\ude00 x\r\r\n\t\u4e2d\u6587 last");
        Files.write(texts.resolve("noutf.txt"), new byte[] {'a', (byte) 0xc3, 'b', ' ', (byte) 0xed, (byte) 0xa0,
            (byte) 0x80, 'c', (byte) 0xe4, (byte) 0xb8, '\n', (byte) 0xff, (byte) 0x80, 'd', (byte) 0xf0, (byte) 0x9f});
    }

    private static Job job(String name, Map<String, String> options, String output) {
        return Samples.named(name).orElseThrow().define(options).input(texts + "/*").reduces(5)
            .output(directory.resolve(output));
    }

    @ParameterizedTest
    @CsvSource({"wc,words,letters", "wc,words,spaces", "wc-typed,,", "wc-lab,,", "indexer,,", "grep,pattern,[ab]c.*d",
        "sort,,", "inverted-index,,"})
    void isTheSequentialRunByteForByteHoweverLittleMemoryItHas(String name, String option, String value)
            throws Exception {
        final Map<String, String> options = option == null ? Map.of() : Map.of(option, value);
        final String id = name + value;
        final JobResult expected = MapReduce.runSequentially(job(name, options, id + "-sequential"));
        final Map<String, String> reference = Texts.contents(directory.resolve(id + "-sequential"));
        assertEquals(5, reference.size());
        assertFalse(String.join("", reference.values()).isEmpty());

        final boolean whole = job(name, options, id).spec().format() == InputFormat.WHOLE_FILES;
        for (final long memory : new long[] {whole ? 4 * JobSpec.MIN_TASK_MEMORY : JobSpec.MIN_TASK_MEMORY, 64 << 20}) {
            final Path out = directory.resolve(id + memory);
            final JobResult result = MapReduce.run(
                job(name, options, id + memory).taskMemory(memory)
                    .splitBytes(memory == JobSpec.MIN_TASK_MEMORY ? 1_000_000 : 100_000));
            assertEquals(reference, Texts.contents(out), name + " in " + memory);
            assertEquals(expected.counters(), result.counters());
            assertEquals(expected.recordsOut(), result.recordsOut());
            // Nothing is left of what was in between.
            assertEquals(reference.size(), Texts.allFiles(out).size());
        }
    }

    @Test
    void theThreeWordCountsAgree() throws Exception {
        MapReduce.run(job("wc", Map.of(), "a"));
        MapReduce.run(job("wc-typed", Map.of(), "b"));
        MapReduce.run(job("wc-lab", Map.of(), "c"));
        assertEquals(Texts.contents(directory.resolve("a")), Texts.contents(directory.resolve("b")));
        assertEquals(Texts.contents(directory.resolve("a")), Texts.contents(directory.resolve("c")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"letters", "spaces"})
    void aCountInMemoryIsTheCountWithFiles(String words) throws Exception {
        final ByteArrayOutputStream lines = new ByteArrayOutputStream();
        MapReduce.runInMemory(job("wc", Map.of("words", words), "unused"), lines);
        MapReduce.run(job("wc", Map.of("words", words), "m" + words));
        assertEquals(String.join("", Texts.contents(directory.resolve("m" + words)).values()),
            lines.toString(StandardCharsets.ISO_8859_1));
        assertFalse(Files.exists(directory.resolve("unused")));
    }

    @Test
    void countsWhatIsThere() throws Exception {
        Files.writeString(directory.resolve("small.txt"), "b a\nb, c-b 'a\n");
        MapReduce.run(Samples.named("wc").orElseThrow().define(Map.of()).input(directory + "/small.txt")
            .output(directory.resolve("small")));
        assertEquals(Map.of("mr-out-0", "a 2\nb 3\nc 1\n"), Texts.contents(directory.resolve("small")));
    }

    @Test
    void tellsWhereWordsAre() throws Exception {
        Files.writeString(directory.resolve("two.txt"), "x yy\nx x\n");
        MapReduce.run(Samples.named("inverted-index").orElseThrow().define(Map.of()).input(directory + "/two.txt")
            .output(directory.resolve("where")));
        assertEquals(Map.of("mr-out-0", "x two.txt:0,5,7\nyy two.txt:2\n"), Texts.contents(directory.resolve("where")));
    }

    @Test
    void sortedOutputsOneAfterTheOtherAreAllLinesInOrder() throws Exception {
        MapReduce.run(job("sort", Map.of(), "sorted").splitBytes(50_000));
        final List<String> lines = new ArrayList<>();
        for (int reduce = 0; reduce < 5; reduce++) {
            lines.addAll(latin(directory.resolve("sorted/mr-out-" + reduce)));
        }
        assertEquals(lines.stream().sorted().toList(), lines);
        assertTrue(lines.size() > 1_000);
    }

    @Test
    void findsTheGreatestCounts() throws Exception {
        MapReduce.run(job("wc", Map.of(), "counts"));
        final Map<String, String> counts = Texts.contents(directory.resolve("counts"));
        MapReduce.run(Samples.named("top-k").orElseThrow().define(Map.of("k", "7"))
            .input(directory + "/counts/mr-out-*").output(directory.resolve("top")).splitBytes(3_000));

        final Map<String, Long> all = new TreeMap<>();
        counts.values().stream().flatMap(String::lines).map(line -> line.split(" "))
            .forEach(pair -> all.put(pair[0], Long.parseLong(pair[1])));
        final String expected = all.entrySet().stream()
            .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
            .limit(7).map(entry -> entry.getKey() + " " + entry.getValue() + "\n").collect(Collectors.joining());
        assertEquals(Map.of("mr-out-0", expected), Texts.contents(directory.resolve("top")));
    }

    private static List<String> latin(Path file) throws Exception {
        try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
            return lines.toList();
        }
    }
}
