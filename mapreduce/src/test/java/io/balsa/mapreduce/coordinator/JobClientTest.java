package io.balsa.mapreduce.coordinator;

import static io.balsa.mapreduce.coordinator.Play.JOB;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.balsa.mapreduce.InvalidJobException;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.wire.Answer;
import io.balsa.mapreduce.wire.Coordination;
import io.balsa.mapreduce.wire.JobClient;
import io.balsa.mapreduce.wire.Request;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client of a service that has no room for another job. */
final class JobClientTest {
    @TempDir
    private Path dir;
    private final Play play = new Play();

    @BeforeEach
    void fill() {
        for (int job = 1; job <= Jobs.MAX_RUNNING; job++) {
            play.hears(Play.submit(job, 1, 1, Play.RENEWED));
        }
    }

    @Test
    void aJobThatWasAcceptedIsNotCalledRefusedForAnEarlierCopy() throws IOException {
        submit(request -> {
            final Answer first = play.hears((Request.Command) request);
            play.hears(new Request.Cancel(1));
            play.hears((Request.Command) request); // the copy, whose answer comes later
            return CompletableFuture.completedFuture(first);
        });
        assertTrue(play.job().isRunning());
        assertFalse(play.machine.jobs().hasRoom(), "it is one job, in place of the one that went");
    }

    @Test
    void aJobForWhichThereIsNoRoomIsRefused() {
        final InvalidJobException refused = assertThrows(InvalidJobException.class, () ->
            submit(request -> CompletableFuture.completedFuture(play.hears((Request.Command) request))));
        assertTrue(refused.getMessage().contains("which is the limit"), refused::getMessage);
        assertTrue(play.machine.jobs().find(JOB).isEmpty());
    }

    private void submit(Coordination coordination) throws IOException {
        final Path input = Files.writeString(dir.resolve("in"), "some words");
        final JobSpec spec = Play.spec(1, false);
        new JobClient(coordination).submit(JOB, new JobSpec(spec.name(), spec.classes(), spec.jars(), spec.format(),
            List.of(input.toString()), 1, dir.resolve("out").toString(), dir.resolve("work").toString(),
            spec.taskMemory(), spec.splitBytes(), false, false, 0, 3, spec.taskTimeoutMs(), false, spec.options()));
    }
}
