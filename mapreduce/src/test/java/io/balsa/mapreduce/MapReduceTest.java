package io.balsa.mapreduce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.balsa.mapreduce.wire.Ended;
import io.balsa.mapreduce.wire.JobStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a job asks for is done where it runs in the caller's process, as it is in a service. */
@Timeout(60)
final class MapReduceTest {
    private static final String MARKS = "marks";
    private static final String TROUBLE = "trouble";
    private static final int FILES = 4;
    private static final int LINES = 30;

    @TempDir
    private Path dir;
    private final List<JobStatus> told = Collections.synchronizedList(new ArrayList<>());

    @BeforeEach
    void writeInput() throws Exception {
        Files.createDirectories(dir.resolve(MARKS));
        for (int file = 0; file < FILES; file++) {
            Files.writeString(dir.resolve("in" + file + ".txt"), ("line of file " + file + "\n").repeat(LINES));
        }
    }

    /** Counts lines, and has the trouble that the job's option names; that of files in the last one only. */
    public static final class Troubled implements Mapper<String, Long> {
        @Override
        public void map(InputRecord record, MapOutput<String, Long> output) throws Exception {
            output.count("lines", 1);
            output.emit(record.text(), 1L);
            final boolean last = record.position() > 0 && record.file().endsWith("in3.txt");
            switch (output.option(TROUBLE, "")) {
                case "throws once" -> throwIf(last && isFirst(output));
                case "throws" -> throwIf(last && mark(output));
                case "throws on some" -> throwIf(record.position() % 2 == 0);
                case "hangs once" -> hangIf(last && isFirst(output));
                case "is late once" -> {
                    if (last && isFirst(output)) {
                        TimeUnit.SECONDS.sleep(4);
                    }
                }
                case "is slow" -> TimeUnit.MILLISECONDS.sleep(25);
                case "thinks" -> {
                    for (int i = 0; last && i < 10; i++) {
                        TimeUnit.MILLISECONDS.sleep(20);
                        output.progress();
                    }
                }
                default -> {
                    // none
                }
            }
        }

        private static void throwIf(boolean condition) {
            if (condition) {
                throw new IllegalStateException("trouble\nin two lines");
            }
        }

        private static void hangIf(boolean condition) throws InterruptedException {
            if (condition) {
                new CountDownLatch(1).await();
            }
        }

        private static boolean isFirst(TaskContext context) throws Exception {
            try {
                Files.createFile(Path.of(context.option(MARKS, ""), "first"));
                return true;
            } catch (FileAlreadyExistsException e) {
                return false;
            }
        }

        private static boolean mark(TaskContext context) throws Exception {
            return Files.exists(Files.createTempFile(Path.of(context.option(MARKS, "")), "mark", ""));
        }
    }

    @Test
    void aTaskThatFailsIsTriedAgainAndItsCountersCountOnce() throws Exception {
        final JobResult result = run(job("throws once"));
        assertEquals(1, end().map().failures());
        assertEquals(FILES + 1, end().map().attempts());
        assertEquals(FILES * LINES, result.counters().get("lines"));
        assertEquals(FILES * LINES, result.recordsIn());
        isRight(result);
    }

    @Test
    void aTaskThatFailsTooOftenEndsTheJobWithOneLineAndItsCause() throws Exception {
        final JobFailedException failed =
            assertThrows(JobFailedException.class, () -> run(job("throws").maxAttempts(3)));
        assertEquals(1, failed.getMessage().lines().count());
        assertTrue(failed.getMessage().matches("map 3 of job troubled: .*in3.txt:\\d+: IllegalStateException: trouble"),
            failed.getMessage());
        assertInstanceOf(IllegalStateException.class, failed.getCause().getCause());
        assertEquals(3, dir.resolve(MARKS).toFile().list().length, "attempts");
        assertEquals(Ended.FAILED, end().ended());
        assertEquals(List.of(), Texts.allFiles(dir.resolve("out")));
    }

    @Test
    void aTaskThatHangsIsTriedAgainAfterItsTimeout() throws Exception {
        isRight(run(job("hangs once").taskTimeout(400, TimeUnit.MILLISECONDS)));
        assertEquals(1, end().map().failures());
    }

    @Test
    void recordsThatTakeLongAreProgress() throws Exception {
        isRight(run(job("is slow").taskTimeout(400, TimeUnit.MILLISECONDS))); // each map takes longer than that
        assertEquals(FILES, end().map().attempts());
    }

    @Test
    void whoSaysThatItGoesOnIsBelieved() throws Exception {
        isRight(run(job("thinks").taskTimeout(150, TimeUnit.MILLISECONDS))); // each record takes longer than that
        assertEquals(FILES, end().map().attempts());
    }

    @Test
    void aLateTaskIsTriedTwiceWhereTheJobAsksForIt() throws Exception {
        isRight(run(job("hangs once").backups()));
        assertEquals(FILES + 1, end().map().attempts());
        assertEquals(0, end().map().failures());
    }

    @Test
    void aLateTaskIsWaitedForOtherwise() throws Exception {
        isRight(run(job("is late once")));
        assertEquals(FILES, end().map().attempts());
    }

    @Test
    void allSkippedRecordsAreReportedAndNotOnlySome() throws Exception {
        final JobResult result = run(job("throws on some").skipRecords(LINES));
        assertEquals(FILES * LINES / 2, result.recordsOut());
        assertEquals(FILES * LINES / 2, result.skipped().size());
        assertTrue(result.skipped().get(0).toString().endsWith("in0.txt:0: IllegalStateException: trouble"),
            result.skipped()::toString);
    }

    @Test
    void theCallerIsToldHowTheJobIsAndAtLastHowItEnded() throws Exception {
        isRight(run(job("is slow")));
        assertTrue(told.stream().anyMatch(status -> status.ended() == Ended.RUNNING && status.map().running() > 0),
            told::toString);
        assertEquals(1, told.stream().filter(status -> status.ended() != Ended.RUNNING).count());
        assertEquals(Ended.DONE, end().ended());
    }

    @Test
    void anInterruptedCallLeavesNoTaskAndNoFile() throws Exception {
        final Thread caller = Thread.currentThread();
        assertThrows(InterruptedException.class, () -> MapReduce.run(job("hangs once"), status -> {
            if (status.map().done() == FILES - 1) {
                caller.interrupt();
            }
        }));
        assertEquals(List.of(), Texts.allFiles(dir.resolve("out")));
    }

    private JobResult run(Job job) throws Exception {
        return MapReduce.run(job, told::add);
    }

    private JobStatus end() {
        return told.get(told.size() - 1);
    }

    private void isRight(JobResult result) throws Exception {
        final JobResult expected = MapReduce.runSequentially(job("").output(dir.resolve("expected")));
        assertEquals(Texts.contents(dir.resolve("expected")), Texts.contents(dir.resolve("out")));
        assertEquals(expected.outputs().stream().map(Path::getFileName).toList(),
            result.outputs().stream().map(Path::getFileName).toList());
        assertTrue(result.outputs().stream().allMatch(Files::exists));
    }

    private Job job(String trouble) {
        return Job.named("troubled").mapper(Troubled.class).reducer(SumReducer.class).values(LongCodec.class)
            .option(TROUBLE, trouble).option(MARKS, dir.resolve(MARKS).toString()).input(dir + "/in*.txt").reduces(2)
            .output(dir.resolve("out"));
    }
}
