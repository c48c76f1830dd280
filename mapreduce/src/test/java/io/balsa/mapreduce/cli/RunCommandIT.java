package io.balsa.mapreduce.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

import io.balsa.mapreduce.MapReduce;
import io.balsa.mapreduce.MemoryDir;
import io.balsa.mapreduce.Texts;
import io.balsa.mapreduce.samples.Samples;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code mr run} from the shell: what it writes, how it ends, and that nothing of it is left. */
@Timeout(150)
@Execution(ExecutionMode.CONCURRENT)
final class RunCommandIT {
    @TempDir(factory = MemoryDir.class)
    private Path dir;
    private Path words;

    @BeforeEach
    void makeWords() throws Exception {
        words = Files.createDirectories(dir.resolve("words"));
        final SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 3; i++) {
            Files.writeString(dir.resolve("in" + i + ".txt"), Texts.random(random, 2_000));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--processes", "--memory=128m"})
    void theOutputIsThatOfTheSequentialRunAndNobodyIsLeft(String how) throws Exception {
        try (Mr mr = Mr.run(words, "run", "wc", "--input", dir + "/in*.txt", "--out", dir + "/out", "--reduces", "3",
                "--workers", "2", how)) {
            assertEquals(0, mr.status(), mr::err);
            assertEquals("", mr.out());
            assertTrue(mr.err().matches("mr: job [0-9a-f]{16} \\(wc\\) is done in .*\n"), mr::err);
            assertEquals(how.equals("--processes") ? 2 : 0, mr.workers());
            assertFalse(mr.leftWorkers());
        }
        MapReduce.runSequentially(Samples.named("wc").orElseThrow().define(Map.of()).input(dir + "/in*.txt").reduces(3)
            .output(dir.resolve("expected")));
        assertEquals(Texts.contents(dir.resolve("expected")), Texts.contents(dir.resolve("out")));
        assertEquals(3, Texts.allFiles(dir.resolve("out")).size(), "the outputs and nothing else");
    }

    @Test
    void aTaskThatTakesItsProcessWithItCostsTimeAndNothingElse() throws Exception {
        try (Mr mr = Mr.run(words, scripted("exits", "--processes"))) {
            assertEquals(0, mr.status(), mr::err);
            assertTrue(mr.err().contains("mr: a worker has ended with status 7; another one takes its place\n"),
                mr::err);
            assertEquals(3, mr.workers());
            assertFalse(mr.leftWorkers());
        }
        assertEquals(List.of("mr-out-0"), List.copyOf(Texts.contents(dir.resolve("out")).keySet()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--processes", "--memory=128m"})
    void aJobThatFailsEndsWithStatusOneAndItsLine(String how) throws Exception {
        try (Mr mr = Mr.run(words, scripted("throws", how))) {
            assertEquals(1, mr.status(), mr::err);
            assertTrue(mr.err().matches("mr: job .* has failed: map \\d of job scripted: "
                + ".*/in\\d.txt:0: IllegalStateException: I cannot read this\n"), mr::err);
            assertEquals(1, mr.err().lines().count(), mr::err);
            assertFalse(mr.leftWorkers());
        }
        assertEquals(List.of(), Texts.allFiles(dir.resolve("out")));
    }

    @Test
    void whatCannotBeRunAsItIsEndsWithStatusTwoAndOneLine() throws Exception {
        try (Mr mr = Mr.run(words, "run", "nonsense", "--input", dir + "/in*.txt", "--out", dir + "/out")) {
            assertEquals(2, mr.status(), mr::err);
            assertTrue(mr.err().startsWith("mr: there is no job nonsense; "), mr::err);
            assertEquals(1, mr.err().lines().count(), mr::err);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--processes", "--memory=128m"})
    void sigtermLeavesNoProcessAndNoFile(String how) throws Exception {
        try (Mr mr = Mr.start(words, scripted("sleeps", how))) {
            mr.await(() -> Files.exists(dir.resolve("mark")), "no task has begun");
            mr.signal("TERM");
            assertEquals(143, mr.awaitEnd());
            assertEquals("mr: told to stop: the job is given up, and what it wrote is removed\n", mr.err());
            assertFalse(mr.leftWorkers());
        }
        assertEquals(List.of(), Texts.allFiles(dir.resolve("out")));
    }

    @Test
    void workersEndWithTheRunThatStartedThem() throws Exception {
        try (Mr mr = Mr.start(words, scripted("sleeps", "--processes"))) {
            mr.await(() -> Files.exists(dir.resolve("mark")) && mr.workers() == 2, "no task has begun");
            mr.signal("KILL");
            mr.awaitEnd();
            final long goneNs = System.nanoTime();
            mr.await(() -> !mr.leftWorkers(), "workers have outlived the run");
            assertTrue(System.nanoTime() - goneNs < 8_000_000_000L, "sooner than they give a silent coordinator up");
            assertTrue(mr.err().contains("mr: whoever started this worker is gone, so it ends\n"), mr::err);
        }
    }

    private String[] scripted(String what, String how) throws Exception {
        return new String[] {"run", ScriptedJob.class.getName(), "--jar",
            Mr.jarOf(dir.resolve("job.jar"), ScriptedJob.class).toString(), "--input", dir + "/in*.txt",
            "--out", dir + "/out", "--reduces", "1", "--workers", "2", "-D", "what=" + what,
            "-D", "mark=" + dir.resolve("mark"), how};
    }
}
