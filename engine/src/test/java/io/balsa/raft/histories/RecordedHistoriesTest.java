package io.balsa.raft.histories;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import io.balsa.raft.testkit.linearizability.KeyValue;
import io.balsa.raft.testkit.linearizability.LinearizabilityChecker;
import io.balsa.raft.testkit.linearizability.Register;
import io.balsa.raft.testkit.linearizability.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The checker agrees with what has long been known of histories that others recorded of real systems. */
final class RecordedHistoriesTest {
    private static final Path FOLDER = Path.of("src", "test", "resources", "histories");

    static Stream<Arguments> verdicts() {
        return lines("verdicts.tsv").stream().skip(1).map(line -> line.split("\t", -1))
            .map(fields -> Arguments.of(fields[0], Boolean.valueOf(fields[1])));
    }

    @ParameterizedTest(name = "{0} linearizable: {1}")
    @MethodSource("verdicts")
    void theRecordedVerdictIsGiven(String file, boolean linearizable) {
        final Verdict verdict = verdictOf(file);
        if (linearizable) {
            assertInstanceOf(Verdict.Linearizable.class, verdict);
        } else {
            final Verdict.NotLinearizable bad = assertInstanceOf(Verdict.NotLinearizable.class, verdict);
            assertTrue(bad.window().text().contains(bad.window().stuck().text()), "the window names what got stuck");
        }
    }

    @Test
    void noHistoryIsLeftOut() throws IOException {
        try (Stream<Path> files = Files.walk(FOLDER)) {
            final List<String> recorded = files.filter(file -> file.toString().matches(".*\\.(log|txt)"))
                .map(file -> FOLDER.relativize(file).toString()).sorted().toList();
            assertEquals(56, recorded.size());
            assertEquals(recorded, verdicts().map(verdict -> (String) verdict.get()[0]).sorted().toList());
        }
    }

    private static Verdict verdictOf(String file) {
        return file.startsWith("kv/")
            ? LinearizabilityChecker.of(new KeyValue()).check(KeyValueLog.parse(lines(file)))
            : LinearizabilityChecker.of(new Register<Integer>()).check(EtcdRegisterLog.parse(lines(file)));
    }

    private static List<String> lines(String file) {
        try {
            return Files.readAllLines(FOLDER.resolve(file));
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
