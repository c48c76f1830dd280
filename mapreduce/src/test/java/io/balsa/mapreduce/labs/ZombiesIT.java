package io.balsa.mapreduce.labs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.balsa.mapreduce.MemoryDir;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Workers that are stopped for longer than a lease and go on where they were: nothing they do may be seen. */
@Timeout(150)
@Execution(ExecutionMode.CONCURRENT)
final class ZombiesIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir(factory = MemoryDir.class)
    private Path dir;

    @Test
    void aWorkerStoppedForFifteenSecondsComesTooLate() throws Exception {
        try (LabService service = new LabService(dir, 1)) {
            service.startCoordinators();
            final Process zombie = service.startWorker("8s");
            service.submit(LabApps.jobCount(service.marks()));
            service.await(() -> service.marks().toFile().list().length > 0, LIMIT, "it has begun no map");
            signal("STOP", zombie);
            service.startWorkers(2);
            TimeUnit.SECONDS.sleep(15);
            final List<String> atEnd = finish(service);
            signal("CONT", zombie);
            service.awaitWorkers(LIMIT);
            assertEquals(List.of("a 9"), atEnd, "its map was run once more, and nothing else");
            assertEquals(atEnd, service.lines());
            assertEquals(3, zombie.exitValue(), "nobody was left to tell it");
            assertTrue(service.messages().contains("has answered for 8 s"), service::messages);
        }
    }

    @Test
    void aZombieOfAnEarlierJobDoesNotTouchALaterOnesOutput() throws Exception {
        try (LabService service = new LabService(dir, 1)) {
            service.startCoordinators();
            final Process zombie = service.startWorker();
            final long job = service.submit(LabApps.earlyExit());
            service.await(() -> service.look(job).reduce().running() > 0, LIMIT, "it has no reduce");
            signal("STOP", zombie);
            service.startWorkers(1);
            finish(service);
            try (LabService later = new LabService(dir, 1)) { // same folders, another service, another job
                later.startCoordinators();
                later.startWorkers(2);
                later.submit(LabApps.wc());
                later.awaitCoordinators(LIMIT);
                final List<String> atEnd = later.lines();
                signal("CONT", zombie);
                TimeUnit.SECONDS.sleep(5); // it ends its task, and asks whoever is there
                assertEquals(later.sequentially(LabApps.wc()), atEnd);
                assertEquals(atEnd, later.lines());
            }
        }
    }

    private static List<String> finish(LabService service) throws InterruptedException {
        service.awaitCoordinators(LIMIT);
        return service.lines();
    }

    private static void signal(String name, Process process) throws Exception {
        assertEquals(0, new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor());
    }
}
