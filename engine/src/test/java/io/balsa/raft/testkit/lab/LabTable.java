package io.balsa.raft.testkit.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The tables of docs/LABS.md. With {@code -Dlabs.rewrite=true} each scenario writes its figures into its row. */
public final class LabTable {
    private static final Path FILE = Path.of("").toAbsolutePath().getParent().resolve(Path.of("docs", "LABS.md"));

    private LabTable() {
    }

    /** Puts the figures, as they read, into the last cell of the row that begins with this id. */
    public static void rewrite(String id, Object figures) {
        if (Boolean.getBoolean("labs.rewrite")) {
            try {
                final List<String> lines = Files.readAllLines(FILE).stream()
                    .map(line -> line.startsWith("| " + id + " |") ? withLastCell(line, figures) : line)
                    .toList();
                Files.write(FILE, lines);
            } catch (final IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static String withLastCell(String row, Object figures) {
        final int end = row.lastIndexOf('|');
        return row.substring(0, row.lastIndexOf('|', end - 1) + 1) + " " + figures + " |";
    }
}
