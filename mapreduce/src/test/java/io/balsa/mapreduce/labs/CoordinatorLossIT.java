package io.balsa.mapreduce.labs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import io.balsa.mapreduce.MemoryDir;
import io.balsa.mapreduce.coordinator.DyingCoordinator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Three coordinators on Raft, of which the leader is killed with {@code kill -9} at a point of a job: after it has
 * applied the command that brought the job there, and before it has answered. The job must go on, no finished map may
 * run again, no worker may end early, and the output must be what it would have been.
 */
@Timeout(120)
@Execution(ExecutionMode.CONCURRENT)
final class CoordinatorLossIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir(factory = MemoryDir.class)
    private Path dir;

    @Test
    void whileMapsRun() throws Exception {
        noMapRunsAgain("maps=3");
    }

    @Test
    void betweenMapsAndReduces() throws Exception {
        noMapRunsAgain("maps=8");
    }

    @Test
    void whileReducesRun() throws Exception {
        outputIsThatOfOneAfterTheOther("reduces=3");
    }

    @Test
    void afterTheLastReportAndBeforeItsAnswer() throws Exception {
        outputIsThatOfOneAfterTheOther("reduces=10");
    }

    @Test
    void afterTheJobIsDoneAndBeforeAnybodyHears() throws Exception {
        outputIsThatOfOneAfterTheOther("done");
    }

    @Test
    void allThreeKilledAndRestartedResumeTheJob() throws Exception {
        try (LabService service = new LabService(dir, 3)) {
            service.startCoordinators();
            final List<Process> workers = service.startWorkers(2);
            final long job = service.submit(LabApps.jobCount(service.marks()));
            service.await(() -> service.look(job).map().done() >= 2, LIMIT, "no two maps are done");
            for (int id = 0; id < 3; id++) {
                service.killCoordinator(id);
            }
            service.startCoordinators();
            assertTrue(service.look(job).map().done() >= 2, "what was done is forgotten");
            service.awaitCoordinators(LIMIT);
            assertEquals(List.of("a 8"), service.lines());
            service.awaitWorkers(Duration.ofSeconds(20));
            workers.forEach(worker -> assertEquals(0, worker.exitValue()));
        }
    }

    private void noMapRunsAgain(String point) throws Exception {
        try (LabService service = dyingAt(point)) {
            service.startCoordinators();
            service.startWorkers(4);
            service.submit(LabApps.jobCount(service.marks()));
            killLeaderAtThePoint(service);
            service.awaitCoordinators(LIMIT);
            assertEquals(List.of("a 8"), service.lines());
            workersEndedWell(service);
        }
    }

    private void outputIsThatOfOneAfterTheOther(String point) throws Exception {
        try (LabService service = dyingAt(point)) {
            service.startCoordinators();
            service.startWorkers(2);
            service.submit(LabApps.wc());
            killLeaderAtThePoint(service);
            service.awaitCoordinators(LIMIT);
            assertEquals(service.sequentially(LabApps.wc()), service.lines());
            workersEndedWell(service);
        }
    }

    private LabService dyingAt(String point) throws Exception {
        return new LabService(dir, 3, DyingCoordinator.class.getName(), "--stop-at", point, "--mark",
            mark().toString());
    }

    private void killLeaderAtThePoint(LabService service) throws Exception {
        service.await(() -> Files.exists(mark()) && mark().toFile().length() > 0, LIMIT, "nobody came to the point");
        service.killCoordinator(Integer.parseInt(Files.readString(mark())));
        assertEquals(2, service.coordinatorsLeft(), "the others go on");
    }

    private static void workersEndedWell(LabService service) throws InterruptedException {
        service.awaitWorkers(Duration.ofSeconds(20));
        service.workers().forEach(worker -> assertEquals(0, worker.exitValue(), service.messages()));
    }

    private Path mark() {
        return dir.resolve("mark");
    }
}
