package io.balsa.mapreduce.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

import io.balsa.mapreduce.FreePorts;
import io.balsa.mapreduce.MapReduce;
import io.balsa.mapreduce.MemoryDir;
import io.balsa.mapreduce.Texts;
import io.balsa.mapreduce.samples.Samples;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A standing service from the shell: coordinator, worker, submit, status, cancel. */
@Timeout(240)
@Execution(ExecutionMode.CONCURRENT)
final class ServiceIT {
    @TempDir(factory = MemoryDir.class)
    private Path dir;
    private final int port = FreePorts.neighbours(3);
    private final String link = "127.0.0.1:" + (port + 2);

    @Test
    void jobsAreSubmittedLookedAtCancelledAndRemembered() throws Exception {
        final Path words = Files.createDirectories(dir.resolve("words"));
        Files.writeString(dir.resolve("in.txt"), Texts.random(new SplittableRandom(7), 2_000));
        final String slow;
        try (Mr coordinator = coordinator(words, "--bootstrap");
             Mr worker = Mr.start(words, "worker", "--coordinators", link, "--slots", "1")) {
            coordinator.await(() -> coordinator.err().contains("is asked at " + link), "it does not serve");

            final Mr wc = ask(words, 0, "submit", "wc", "--input", dir + "/in.txt", "--out", dir + "/counts",
                "--reduces", "2", "--wait");
            assertTrue(wc.out().matches("[0-9a-f]{16}\n"), wc::out);
            assertTrue(wc.err().contains("is done in"), wc::err);
            MapReduce.runSequentially(Samples.named("wc").orElseThrow().define(Map.of()).input(dir + "/in.txt")
                .reduces(2).output(dir.resolve("expected")));
            assertEquals(Texts.contents(dir.resolve("expected")), Texts.contents(dir.resolve("counts")));

            slow = submitSlow(words);
            worker.await(() -> Files.exists(dir.resolve("mark")), "the worker has not begun it");
            final String running = ask(words, 0, "status", slow, "--json").out();
            assertTrue(running.startsWith("[{\"job\":\"" + slow + "\",\"name\":\"scripted\",\"state\":\"mapping\","),
                running);
            assertTrue(running.contains("\"map\":{\"tasks\":1,\"done\":0,\"running\":1,\"attempts\":1,"), running);
            assertTrue(running.contains("\"slowestTask\":0,"), running);

            ask(words, 0, "cancel", slow);
            assertTrue(ask(words, 0, "status", slow, "--json").out().contains("\"state\":\"cancelled\""));
            assertEquals("", ask(words, 2, "cancel", "0123456789abcdef").out());
            // The worker's only slot is free again: it has been told to end its task.
            ask(words, 0, "submit", "wc", "--input", dir + "/in.txt", "--out", dir + "/again", "--wait");
            assertEquals(List.of(), Texts.allFiles(dir.resolve("slow")));

            worker.signal("TERM");
            assertEquals(143, worker.awaitEnd());
            assertEquals("", worker.err(), "it ends without a word");
            coordinator.signal("KILL");
            coordinator.awaitEnd();
        }
        try (Mr coordinator = coordinator(words)) {
            final String table = ask(words, 0, "status").out();
            assertEquals(4, table.lines().count(), table);
            assertTrue(table.lines().anyMatch(line -> line.matches(slow + " +scripted +cancelled .*")), table);
            assertEquals(2, table.lines().filter(line -> line.matches("[0-9a-f]{16} +wc +done .*")).count(), table);
            coordinator.signal("TERM");
            assertEquals(143, coordinator.awaitEnd());
        }
        final Mr nobody = Mr.run(words, "status", "--coordinators", link, "--timeout", "100ms");
        assertEquals(3, nobody.status());
        assertEquals(1, nobody.err().lines().count(), nobody::err);
    }

    private Mr coordinator(Path words, String... more) throws Exception {
        final String[] arguments = {"coordinator", "--members", "0=127.0.0.1:" + port, "--listen", link,
            "--dir", dir + "/c0"};
        return Mr.start(words, concat(arguments, more));
    }

    private String submitSlow(Path words) throws Exception {
        return ask(words, 0, "submit", ScriptedJob.class.getName(), "--jar",
            Mr.jarOf(dir.resolve("job.jar"), ScriptedJob.class).toString(), "--input", dir + "/in.txt",
            "--out", dir + "/slow", "-D", "what=sleeps", "-D", "mark=" + dir.resolve("mark")).out().strip();
    }

    private Mr ask(Path words, int status, String... arguments) throws Exception {
        final Mr mr = Mr.run(words, concat(arguments, "--coordinators", link));
        assertEquals(status, mr.status(), mr::err);
        return mr;
    }

    private static String[] concat(String[] arguments, String... more) {
        final String[] all = new String[arguments.length + more.length];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        return all;
    }
}
