package io.balsa.mapreduce.labs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.balsa.mapreduce.MemoryDir;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The seven tests of the course's lab 1: one coordinator, workers in processes, by the lab's rules. */
@Timeout(120)
@Execution(ExecutionMode.CONCURRENT)
final class Lab1IT {
    /** The course's for one test. */
    private static final Duration LIMIT = Duration.ofSeconds(45);
    private static final Duration CRASH_LIMIT = Duration.ofMinutes(2);

    @TempDir(factory = MemoryDir.class)
    private Path dir;

    @Test
    void wordCount() throws Exception {
        try (LabService service = new LabService(dir, 1)) {
            service.startCoordinators();
            service.startWorkers(3);
            service.submit(LabApps.wc());
            service.awaitCoordinators(LIMIT);
            assertEquals(service.sequentially(LabApps.wc()), service.lines());
            service.awaitWorkers(Duration.ofSeconds(10));
        }
    }

    @Test
    void indexer() throws Exception {
        try (LabService service = new LabService(dir, 1)) {
            service.startCoordinators();
            final List<Process> workers = service.startWorkers(2);
            service.submit(LabApps.indexer());
            service.await(() -> workers.stream().anyMatch(worker -> !worker.isAlive()), LIMIT, "no worker has ended");
            final List<String> atFirstEnd = service.lines();
            assertEquals(service.sequentially(LabApps.indexer()), atFirstEnd);
        }
    }

    @Test
    void mapsRunAtTheSameTime() throws Exception {
        try (LabService service = new LabService(dir, 1)) {
            service.startCoordinators();
            service.startWorkers(2);
            service.submit(LabApps.mapParallelism(service.marks()));
            service.awaitCoordinators(LIMIT);
            final List<String> lines = service.lines();
            assertEquals(2, lines.stream().filter(line -> line.startsWith("times-")).count(), lines::toString);
            assertTrue(lines.stream().anyMatch(line -> line.matches("parallel-.* (.* )?2")), lines::toString);
        }
    }

    @Test
    void reducesRunAtTheSameTime() throws Exception {
        try (LabService service = new LabService(dir, 1)) {
            service.startCoordinators();
            service.startWorkers(2);
            service.submit(LabApps.reduceParallelism(service.marks()));
            service.awaitCoordinators(LIMIT);
            final List<String> lines = service.lines();
            assertEquals(10, lines.size(), lines::toString);
            assertTrue(lines.stream().filter(line -> line.endsWith(" 2")).count() >= 2, lines::toString);
        }
    }

    @Test
    void noMapRunsTwiceWithoutAFailure() throws Exception {
        try (LabService service = new LabService(dir, 1)) {
            service.startCoordinators();
            service.startWorkers(2);
            final long job = service.submit(LabApps.jobCount(service.marks()));
            service.await(() -> service.look(job).map().done() > 0, LIMIT, "no map is done");
            service.startWorkers(2);
            service.awaitCoordinators(LIMIT);
            assertEquals(List.of("a 8"), service.lines());
        }
    }

    @Test
    void whenAnyProcessEndsTheOutputIsFinal() throws Exception {
        try (LabService service = new LabService(dir, 1)) {
            service.startCoordinators();
            final List<Process> workers = service.startWorkers(3);
            service.submit(LabApps.earlyExit());
            service.await(() -> service.coordinatorsLeft() == 0 || workers.stream().anyMatch(each -> !each.isAlive()),
                LIMIT, "nobody has ended");
            final List<String> atFirstEnd = service.lines();
            service.awaitCoordinators(LIMIT);
            service.awaitWorkers(LIMIT);
            assertEquals(service.lines(), atFirstEnd);
            assertEquals(service.sequentially(LabApps.earlyExit()), atFirstEnd);
        }
    }

    /** A third of all calls end their process, a third dawdle. Four workers, each replaced a second after it ends. */
    @Test
    @Timeout(240)
    void workersThatCrashAndDawdleCostTimeAndNothingElse() throws Exception {
        try (LabService service = new LabService(dir, 1)) {
            service.startCoordinators();
            service.submit(LabApps.crash(true));
            final List<CompletableFuture<Void>> keepers = service.startWorkers(4).stream()
                .map(worker -> CompletableFuture.runAsync(() -> keep(worker, service), Thread::startVirtualThread))
                .toList();
            service.awaitCoordinators(CRASH_LIMIT);
            assertEquals(service.sequentially(LabApps.crash(false)), service.lines());
            keepers.forEach(CompletableFuture::join);
        }
    }

    private static void keep(Process first, LabService service) {
        try {
            Process worker = first;
            while (worker.waitFor() != 0 && service.coordinatorsLeft() > 0) {
                Thread.sleep(1_000);
                synchronized (service) {
                    worker = service.startWorker();
                }
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
