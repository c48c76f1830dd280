package io.balsa.mapreduce.labs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import io.balsa.mapreduce.Job;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.MapReduce;
import io.balsa.mapreduce.data.Tasks;
import io.balsa.mapreduce.wire.Ended;
import io.balsa.mapreduce.wire.JobStatus;
import io.balsa.mapreduce.worker.LocalRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Those of the seven tests that need no process to die or to be told from another, with workers in this one. (Map
 * parallelism counts processes, and the crash test ends them.)
 */
@Timeout(60)
final class Lab1InProcessTest {
    @TempDir
    private Path dir;

    @BeforeEach
    void writeBooks() throws IOException {
        LabService.writeBooks(dir);
        Files.createDirectories(dir.resolve("marks"));
    }

    @Test
    void wordCount() throws Exception {
        assertEquals(sequentially(LabApps.wc()), run(LabApps.wc(), 3));
    }

    @Test
    void indexer() throws Exception {
        assertEquals(sequentially(LabApps.indexer()), run(LabApps.indexer(), 2));
    }

    @Test
    void noMapRunsTwiceAndSleepersDoNotKeepOthersFromTheProcessors() throws Exception {
        final long beginNs = System.nanoTime();
        assertEquals(List.of("a 8"), run(LabApps.jobCount(dir.resolve("marks")), 8));
        final long tookMs = (System.nanoTime() - beginNs) / 1_000_000;
        assertTrue(tookMs < 9_000, "maps that sleep up to 5 s took " + tookMs + " ms: they waited for each other");
    }

    @Test
    void progressIsToldAndComesToItsEnd() throws Exception {
        final List<JobStatus> told = Collections.synchronizedList(new ArrayList<>());
        final JobStatus end = LocalRun.run(spec(LabApps.earlyExit()), new Tasks(), 2, told::add).status();
        assertEquals(Ended.DONE, end.ended());
        assertEquals(8, end.map().done());
        assertEquals(8, end.map().attempts());
        assertEquals(10, end.reduce().done());
        assertTrue(told.stream().anyMatch(status -> status.ended() == Ended.RUNNING && status.reduce().running() > 0),
            told::toString);
        assertEquals(Ended.DONE, told.get(told.size() - 1).ended());
        try (var left = Files.list(dir.resolve("out"))) {
            assertEquals(10, left.count(), "the outputs and nothing else");
        }
    }

    private List<String> run(Job job, int slots) throws InterruptedException {
        final JobStatus end = LocalRun.run(spec(job), new Tasks(), slots, status -> { }).status();
        assertEquals(Ended.DONE, end.ended(), end.message());
        return LabService.lines(dir.resolve("out"));
    }

    private JobSpec spec(Job job) {
        return job.input(dir + "/pg-*.txt").output(dir.resolve("out")).spec();
    }

    private List<String> sequentially(Job job) throws Exception {
        MapReduce.runSequentially(job.input(dir + "/pg-*.txt").output(dir.resolve("expected")));
        return LabService.lines(dir.resolve("expected"));
    }
}
