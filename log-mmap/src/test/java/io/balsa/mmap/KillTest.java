package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that appends is killed (kill -9), again and again, on the same directory. */
class KillTest {
    private static final int ROUNDS = 5;

    @TempDir
    private Path temp;

    @Test
    void nothingReportedDurableIsLost() throws Exception {
        final Path dir = Directories.formatted(temp.resolve("node"));
        final Random random = new Random(42);
        long durable = 0;
        for (int round = 1; round <= ROUNDS; round++) {
            final Process process = ChildJvm.start(true, ChildJvm.Appender.class, dir);
            try (BufferedReader output = ChildJvm.output(process)) {
                assertEquals("term " + round, output.readLine());
                final int lines = 1 + random.nextInt(200);
                String line = null;
                for (int i = 0; i < lines; i++) {
                    line = output.readLine();
                    durable = Long.parseLong(line.substring("durable ".length()));
                }
                // through its handle: Process.destroyForcibly would close the pipe with what it said last
                process.toHandle().destroyForcibly();
                process.waitFor();
                // what it said before it died counts too
                for (line = output.readLine(); line != null; line = output.readLine()) {
                    if (line.matches("durable \\d+")) {
                        durable = Math.max(durable, Long.parseLong(line.substring("durable ".length())));
                    }
                }
            }
            assertEquals(List.of(), LogVerify.verify(dir));
            final long atLeast = durable;
            final long term = round;
            Directories.use(dir, storage -> {
                assertEquals(term, storage.votes().currentTerm());
                final List<Long> terms = Directories.terms(storage.log());
                assertTrue(terms.size() >= atLeast, () -> "durable " + atLeast + ", found " + terms.size());
                assertEquals(terms.stream().sorted().toList(), terms, "terms never fall");
            });
        }
    }
}
