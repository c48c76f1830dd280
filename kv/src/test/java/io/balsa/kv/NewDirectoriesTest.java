package io.balsa.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import io.balsa.raft.spi.RaftException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Directories that come to be together, or not at all. */
class NewDirectoriesTest {
    @TempDir
    private Path dir;

    private void fill(NewDirectories made, Path... places) throws IOException {
        for (final Path place : places) {
            Files.writeString(Files.createDirectory(made.unfinished(place).resolve("log")).resolve("file"), "x");
        }
    }

    private List<Path> found() throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return files.sorted().toList();
        }
    }

    @Test
    void allAreThereWithWhatTheyWereFilledWithAndNothingElseIs() throws IOException {
        final Path empty = Files.createDirectory(dir.resolve("0"));
        final Path deep = dir.resolve("a/b/1");
        try (NewDirectories made = NewDirectories.begin(List.of(empty, deep))) {
            fill(made, empty, deep);
            assertFalse(Files.exists(deep), "not before all are whole");
            made.publish();
        }
        assertEquals("x", Files.readString(empty.resolve("log/file")));
        assertEquals("x", Files.readString(deep.resolve("log/file")));
        assertEquals(List.of(empty, dir.resolve("a")), found());
    }

    @Test
    void whatIsNotPublishedIsGoneWithTheFoldersAroundIt() throws IOException {
        final Path stranger = Files.createDirectory(dir.resolve("1.restoring"));
        try (NewDirectories made = NewDirectories.begin(List.of(dir.resolve("0"), dir.resolve("a/b/1")))) {
            fill(made, dir.resolve("0"), dir.resolve("a/b/1"));
        }
        assertEquals(List.of(stranger), found());
    }

    @Test
    void whereOneCannotGetItsNameNoneHasOne() throws IOException {
        final Path first = dir.resolve("0");
        final Path second = dir.resolve("1");
        assertThrows(IOException.class, () -> {
            try (NewDirectories made = NewDirectories.begin(List.of(first, second))) {
                fill(made, first, second);
                Files.writeString(Files.createDirectory(second).resolve("somebody"), "else's");
                made.publish();
            }
        });
        assertEquals(List.of(second), found());
        assertEquals("else's", Files.readString(second.resolve("somebody")));
    }

    /** A folder that a start has locked, and no more, passes for empty elsewhere; a rename does not replace it. */
    @Test
    void whatHoldsAnythingIsRefusedBeforeAnythingIsMade() throws IOException {
        final Path used = Files.createDirectory(dir.resolve("1"));
        Files.createFile(used.resolve("lock"));
        final RaftException refused = assertThrows(RaftException.class,
            () -> NewDirectories.begin(List.of(dir.resolve("0"), used)).close());
        assertTrue(refused.getMessage().contains(used + " is not empty"), refused.getMessage());
        assertEquals(List.of(used), found());
    }
}
