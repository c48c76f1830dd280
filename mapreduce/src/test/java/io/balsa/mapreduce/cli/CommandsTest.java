package io.balsa.mapreduce.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import io.balsa.mapreduce.Counters;
import io.balsa.mapreduce.InputRecord;
import io.balsa.mapreduce.Job;
import io.balsa.mapreduce.JobDefinition;
import io.balsa.mapreduce.MapOutput;
import io.balsa.mapreduce.Mapper;
import io.balsa.mapreduce.ReduceOutput;
import io.balsa.mapreduce.Reducer;
import io.balsa.mapreduce.wire.Ended;
import io.balsa.mapreduce.wire.JobStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code mr} says and how it ends. */
@Timeout(60)
final class CommandsTest {
    @TempDir
    private Path dir;

    /** A job that cannot be done. */
    public static final class Hopeless implements JobDefinition, Mapper<String, String> {
        @Override
        public Job define(Map<String, String> options) {
            return Job.named("hopeless").mapper(Hopeless.class).reducer(Unreached.class).maxAttempts(2);
        }

        @Override
        public void map(InputRecord record, MapOutput<String, String> output) {
            throw new IllegalStateException("I cannot read this");
        }
    }

    /** Is never reached. */
    public static final class Unreached implements Reducer<String, String> {
        @Override
        public void reduce(String key, Iterable<String> values, ReduceOutput output) {
            output.line(key, values);
        }
    }

    private record Said(int status, String out, String err) {
    }

    @BeforeEach
    void writeInput() throws Exception {
        Files.writeString(dir.resolve("in.txt"), "to be or not to be\n");
    }

    @Test
    void aJobIsRun() throws Exception {
        final Said said = mr("run", "wc", "--input", dir + "/in.txt", "--out", dir + "/out", "--reduces", "1");
        assertEquals(0, said.status, said.err);
        assertEquals("be 2\nnot 1\nor 1\nto 2\n", Files.readString(dir.resolve("out/mr-out-0")));
        assertTrue(said.err.contains("is done"), said.err);
    }

    @Test
    void aJobThatFailsEndsWithItsLine() {
        final Said said = mr("run", Hopeless.class.getName(), "--input", dir + "/in.txt", "--out", dir + "/out");
        assertEquals(1, said.status, said.err);
        assertTrue(said.err.contains("I cannot read this"), said.err);
        assertEquals(1, said.err.lines().count(), said.err);
        assertFalse(Files.exists(dir.resolve("out/mr-out-0")));
    }

    @Test
    void mistakesAreTold() {
        saysInOneLine(2, "there is no job nonsense", "run", "nonsense", "--input", dir + "/in.txt", "--out", "o");
        saysInOneLine(2, "no file matches", "run", "wc", "--input", dir + "/none*", "--out", dir + "/out");
        saysInOneLine(2, "in.txt is no folder", "run", "wc", "--input", dir + "/in.txt", "--out", dir + "/in.txt/out");
        saysInOneLine(2, "--memory: 'lots'", "run", "wc", "--input", dir + "/in.txt", "--out", "o", "--memory", "lots");
        saysInOneLine(2, "--out", "run", "wc", "--input", "x");
        saysInOneLine(2, "a command is missing");
        saysInOneLine(2, "'xyz' is no job", "cancel", "xyz");
        saysInOneLine(2, "id 7 is not among the members", "coordinator", "--id", "7", "--dir", dir + "/c");
    }

    @Test
    void outputsOfAnotherJobThatWouldPassForThisOnesAreToldOf() throws Exception {
        Files.createDirectories(dir.resolve("out"));
        Files.writeString(dir.resolve("out/mr-out-7"), "old 1\n");
        saysInOneLine(2, "mr-out-7", "run", "wc", "--input", dir + "/in.txt", "--out", dir + "/out", "--reduces", "7");
        assertEquals(0, mr("run", "wc", "--input", dir + "/in.txt", "--out", dir + "/out", "--reduces", "8").status);
        assertFalse(Files.readString(dir.resolve("out/mr-out-7")).contains("old"));
    }

    @Test
    void whatAnotherEngineDoesNotDoIsRefusedByName() {
        final String[] there = {"run", "wc", "--input", dir + "/in.txt", "--out", dir + "/out"};
        for (final String[] option : new String[][] {{"--workers", "2"}, {"--processes"}, {"--lab"}, {"--work", "w"}}) {
            saysInOneLine(2, option[0], Stream.of(there, new String[] {"--engine", "spark"}, option)
                .flatMap(Stream::of).toArray(String[]::new));
        }
        saysInOneLine(2, "there are local, spark", Stream.of(there, new String[] {"--engine", "flink"})
            .flatMap(Stream::of).toArray(String[]::new));
        saysInOneLine(2, "add --engine spark", Stream.of(there, new String[] {"--master", "local[2]"})
            .flatMap(Stream::of).toArray(String[]::new));
        assertFalse(Files.exists(dir.resolve("out")));
    }

    @Test
    void nobodyWhoAnswersIsTold() {
        saysInOneLine(3, "127.0.0.1:9", "status", "--coordinators", "127.0.0.1:9", "--timeout", "50ms");
    }

    @Test
    void statusIsATableAndJson() {
        final JobStatus.Phase map = new JobStatus.Phase(8, 3, 2, 6, 1, 4096, 100, 200, 1, 5, 1_500);
        final JobStatus.Phase reduce = new JobStatus.Phase(10, 0, 0, 0, 0, 0, 0, 0, 0, -1, 0);
        final JobStatus job = new JobStatus(0xAB, "w\"c", Ended.RUNNING, "", map, reduce, 1, 2, 3_000, -1,
            List.of("f:7: odd\n"), Counters.of(Map.of("seen", 9L)));
        assertEquals("[{\"job\":\"00000000000000ab\",\"name\":\"w\\\"c\",\"state\":\"mapping\",\"message\":\"\","
            + "\"map\":{\"tasks\":8,\"done\":3,\"running\":2,\"attempts\":6,\"failed\":1,\"bytes\":4096,"
            + "\"recordsIn\":100,\"recordsOut\":200,\"skipped\":1,\"slowestTask\":5,\"slowestMs\":1500},"
            + "\"reduce\":{\"tasks\":10,\"done\":0,\"running\":0,\"attempts\":0,\"failed\":0,\"bytes\":0,"
            + "\"recordsIn\":0,\"recordsOut\":0,\"skipped\":0,\"slowestTask\":null,\"slowestMs\":0},"
            + "\"lostOutputs\":1,\"workers\":2,\"ageMs\":3000,\"etaMs\":null,"
            + "\"skippedRecords\":[\"f:7: odd\\u000a\"],\"counters\":{\"seen\":9}}]", StatusText.json(List.of(job)));
        final List<String> table = StatusText.table(List.of(job));
        assertEquals(2, table.size());
        assertTrue(table.get(1).matches("00000000000000ab +w\"c +mapping +3/8 +0/10 +2 +1 +3.0s +\\?"), table.get(1));
        assertEquals("w\"c  map [#######.............] 3/8  reduce [....................] 0/10  2 running, 1 failed",
            ProgressBar.line(job));
    }

    @Test
    void progressIsShownOnATerminalAndNowhereElse() {
        final JobStatus.Phase phase = new JobStatus.Phase(1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0);
        final JobStatus job = new JobStatus(1, "wc", Ended.RUNNING, "", phase, phase, 0, 1, 10, 2_000, List.of(),
            Counters.NONE);
        final ByteArrayOutputStream shown = new ByteArrayOutputStream();
        new ProgressBar(Optional.of(new PrintStream(shown, true, StandardCharsets.UTF_8))).accept(job);
        assertTrue(shown.toString(StandardCharsets.UTF_8).startsWith("\r"), shown::toString);
        assertTrue(shown.toString(StandardCharsets.UTF_8).endsWith("2 s left"), shown::toString);
        new ProgressBar(Optional.empty()).accept(job);
    }

    private static void saysInOneLine(int status, String text, String... arguments) {
        final Said said = mr(arguments);
        assertEquals(status, said.status, said.err);
        assertTrue(said.err.contains(text), said.err);
        assertEquals(1, said.err.lines().count(), said.err);
    }

    private static Said mr(String... arguments) {
        final PrintStream out = System.out;
        final PrintStream err = System.err;
        final ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        final ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        try {
            final int status = Main.commandLine().execute(arguments);
            return new Said(status, outBytes.toString(StandardCharsets.UTF_8),
                errBytes.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }
}
