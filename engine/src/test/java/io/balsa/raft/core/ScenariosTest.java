package io.balsa.raft.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The golden transcripts in {@code src/test/resources/scenarios}. {@code -Dscenarios.rewrite=true} writes them as they
 * are now; the difference is then reviewed as code is.
 */
class ScenariosTest {
    private static final Path DIRECTORY = Path.of("src/test/resources/scenarios");
    private static final boolean REWRITE = Boolean.getBoolean("scenarios.rewrite");

    static List<Path> transcripts() throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return files.filter(file -> !file.endsWith("README.txt")).sorted().toList();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("transcripts")
    void theTranscriptIsWhatTheServersSay(Path file) throws IOException {
        final String golden = Files.readString(file);
        final String played = Scenario.played(golden);
        if (REWRITE) {
            Files.writeString(file, played);
        } else {
            assertEquals(golden, played);
        }
    }

    @Test
    void aTranscriptThatPromisesAnythingElseIsNoticed() {
        final String honest = Scenario.played("group 3\ns1 waits 300\n");
        assertTrue(honest.contains("  s1 -> s2: request vote, term 1, last 0/0\n"), honest);
        assertEquals(honest, Scenario.played(honest));
        final String doctored = honest.replace("term 1", "term 2");
        assertFalse(doctored.equals(Scenario.played(doctored)));
    }

    @Test
    void aCommandThatIsNotUnderstoodIsNamed() {
        assertEquals("not understood: 's1 dances' (there is no 'dances')",
            assertThrows(IllegalArgumentException.class, () -> Scenario.played("group 3\ns1 dances\n")).getMessage());
        assertThrows(IllegalArgumentException.class, () -> Scenario.played("group 3\ns4 waits 300\n"));
    }
}
