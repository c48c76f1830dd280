package io.balsa.mapreduce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import io.balsa.mapreduce.data.Splits;
import io.balsa.mapreduce.samples.LabWordCount;
import io.balsa.mapreduce.samples.WordCount;
import io.balsa.mapreduce.task.Split;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A job is looked over before anything runs. */
final class JobTest {
    @TempDir
    private Path directory;

    private Job job() {
        return new WordCount().define(Map.of()).input(directory + "/*").output(directory.resolve("out"));
    }

    /** No mapper. */
    public static final class Nothing {
    }

    /** A mapper that cannot be made. */
    public static final class Demanding implements ByteMapper {
        public Demanding(String demand) {
            assert demand != null;
        }

        @Override
        public void map(InputRecord record, ByteOutput output) {
            // Never called.
        }
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
            mistake("0 reduces; give 1 to 65536", job -> job.reduces(0)),
            mistake("65537 reduces; give 1 to 65536", job -> job.reduces(65_537)),
            mistake("5 bytes of memory; give 1048576 to", job -> job.taskMemory(5)),
            mistake("splits of 0 bytes", job -> job.splitBytes(0)),
            mistake("may skip -1 records", job -> job.skipRecords(-1)),
            mistake("may try a task 0 times", job -> job.maxAttempts(0)),
            mistake("task timeout of 0 ms", job -> job.taskTimeout(1, TimeUnit.NANOSECONDS)),
            mistake("in lab mode but reads LINES", job -> job.lab().format(InputFormat.LINES)),
            mistake("neither a Mapper nor a ByteMapper", job -> job.mapper(Nothing.class)),
            mistake("must be public, with a public constructor", job -> job.mapper(Demanding.class)),
            mistake("must be public, with a public constructor", job -> job.reducer(Hidden.class)),
            mistake("combines numbers, but values are encoded by", job -> job.values(StringCodec.class)),
            mistake("no jar at /nowhere.jar", job -> job.jar(Path.of("/nowhere.jar"))));
    }

    private static Arguments mistake(String message, UnaryOperator<Job> change) {
        return Arguments.of(message, change);
    }

    private static final class Hidden implements ByteReducer {
        @Override
        public void reduce(ByteGroup group, ReduceOutput output) {
            // Never called.
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void aMistakeIsRefusedWithOneLine(String message, UnaryOperator<Job> change) {
        final Job changed = change.apply(job());
        final InvalidJobException refused = assertThrows(InvalidJobException.class, changed::spec);
        assertTrue(refused.getMessage().contains(message), refused.getMessage());
        assertEquals(1, refused.getMessage().lines().count());
    }

    @Test
    void aJobWithoutMapperOrInputIsRefused() {
        assertEquals("job x has no input; give a file or a glob",
            assertThrows(InvalidJobException.class, () -> Job.named("x").spec()).getMessage());
        assertEquals("job x has no mapper; name a class",
            assertThrows(InvalidJobException.class, () -> Job.named("x").input("f").spec()).getMessage());
    }

    @Test
    void aJobComesBackAsItWent() {
        final JobSpec plain = job().spec();
        assertEquals(plain, JobSpec.decode(plain.encode()));
        final JobSpec full = new LabWordCount().define(Map.of("a", "b", "\u00e9", "")).input("x*").input("/y")
            .reduces(7)
            .output(Path.of("o")).work(Path.of("w")).taskMemory(3 << 20).splitBytes(5).sortValues().skipRecords(2)
            .maxAttempts(9).taskTimeout(3, TimeUnit.SECONDS).backups().partitioner(HashPartitioner.class).spec();
        assertEquals(full, JobSpec.decode(full.encode()));
        assertEquals(Path.of("x*").toAbsolutePath().toString(), full.inputs().get(0));
    }

    @Test
    void whatIsNoJobIsRefused() {
        final byte[] bytes = job().spec().encode();
        assertThrows(InvalidJobException.class, () -> JobSpec.decode(Arrays.copyOf(bytes, bytes.length / 2)));
        bytes[0]++;
        assertTrue(assertThrows(InvalidJobException.class, () -> JobSpec.decode(bytes)).getMessage()
            .contains("version 2"));
    }

    @Test
    void inputsAreFilesByPathEachOnceCutIntoEqualParts() throws Exception {
        Files.createDirectories(directory.resolve("in/sub"));
        Files.writeString(directory.resolve("in/b.txt"), "x".repeat(10));
        Files.writeString(directory.resolve("in/a.txt"), "");
        Files.writeString(directory.resolve("in/c.gz"), "x".repeat(10));
        Files.writeString(directory.resolve("in/.hidden.txt"), "x");
        Files.writeString(directory.resolve("in/[odd].txt"), "x");
        final String in = directory + "/in/";
        final Job job = new WordCount().define(Map.of()).splitBytes(4);
        assertEquals(List.of(new Split(in + "[odd].txt", 0, 1), new Split(in + "a.txt", 0, 0),
            new Split(in + "b.txt", 0, 4), new Split(in + "b.txt", 4, 7), new Split(in + "b.txt", 7, 10),
            new Split(in + "c.gz", 0, 10)),
            Splits.of(job.input(in + "*.{txt,gz}").input(in + "b.txt").input(in + "[odd].txt").spec()));
        assertTrue(assertThrows(InvalidJobException.class, () -> Splits.of(job.input(in + "*.pdf").spec()))
            .getMessage().startsWith("no file matches input " + in + "*.pdf"));
        assertThrows(InvalidJobException.class,
            () -> Splits.of(new WordCount().define(Map.of()).input(in + "sub").spec()));
    }
}
