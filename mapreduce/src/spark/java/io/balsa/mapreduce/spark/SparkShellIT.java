package io.balsa.mapreduce.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.balsa.mapreduce.Texts;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code mr run --engine spark} from the shell, with the jar that is shipped and Spark's own beside it. */
@Timeout(180)
final class SparkShellIT {
    @TempDir
    private Path directory;

    private record Said(int status, String err) {
    }

    @BeforeEach
    void writeTexts() throws Exception {
        Texts.write(directory.resolve("texts"), 7, 4, 5_000);
    }

    private Said mr(Map<String, String> environment, String out, String... more) throws Exception {
        final List<String> command = new ArrayList<>(List.of(Path.of("bin", "mr").toAbsolutePath().toString(), "run"));
        command.addAll(List.of(more));
        command.addAll(List.of("--input", directory + "/texts/*", "--out", directory.resolve(out).toString()));
        final Path err = directory.resolve("err");
        final ProcessBuilder shell = new ProcessBuilder(command).redirectError(err.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        shell.environment().put("MR_JAVA", Path.of(System.getProperty("java.home"), "bin", "java").toString());
        shell.environment().putAll(environment);
        final int status = shell.start().waitFor();
        return new Said(status, Files.readString(err, StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"local[2]", "local-cluster[2,1,1024]"})
    void theSameClassLeavesTheSameNamesAndBytes(String master) throws Exception {
        for (final String job : List.of("wc", "indexer")) {
            final Said here = mr(Map.of(), "local-" + job, job);
            assertEquals(0, here.status, here.err);
            final Said there = mr(Map.of(), "spark-" + job, job, "--engine", "spark", "--master", master,
                "--conf", "spark.executor.memory=512m", "--conf", "spark.local.dir=" + directory.resolve("spark"));
            assertEquals(0, there.status, there.err);
            assertTrue(there.err.contains("is done on spark"), there.err);
            assertEquals(1, there.err.lines().count(), there.err);
            assertEquals(Texts.contents(directory.resolve("local-" + job)),
                Texts.contents(directory.resolve("spark-" + job)));
        }
    }

    @Test
    void withoutSparkOneLineSaysWhatToDo() throws Exception {
        final Said said = mr(Map.of("SPARK_HOME", directory.toString()), "out", "wc", "--engine", "spark");
        assertEquals(4, said.status, said.err);
        assertEquals(1, said.err.lines().count(), said.err);
        assertTrue(said.err.contains("SPARK_HOME"), said.err);
        assertFalse(Files.exists(directory.resolve("out")));
    }

    @Test
    void whatSparkDoesNotKeepIsRefusedByName() throws Exception {
        for (final List<String> option : List.of(List.of("--skip", "1"), List.of("--backups"),
                List.of("--task-timeout", "1m"), List.of("--memory", "256m"))) {
            final List<String> command = new ArrayList<>(List.of("wc", "--engine", "spark"));
            command.addAll(option);
            final Said said = mr(Map.of(), "out", command.toArray(String[]::new));
            assertEquals(2, said.status, said.err);
            assertEquals(1, said.err.lines().count(), said.err);
            final String name = option.get(0).substring(2).replace("task-timeout", "taskTimeout");
            assertTrue(said.err.contains(name), said.err);
        }
    }
}
