package io.balsa.kv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the launcher runs once for each JDK. */
@Timeout(60)
class RehearseCommandTest {
    @Test
    void aClusterTakesAWriteAndLeavesNothing() throws IOException {
        final List<Path> before = rehearsals();
        assertEquals(ExitCode.OK, Main.commandLine().execute("rehearse"));
        assertEquals(before, rehearsals());
    }

    private static List<Path> rehearsals() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().startsWith("balsa-rehearsal-")).sorted().toList();
        }
    }
}
