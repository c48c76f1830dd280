package io.balsa.kv.labs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The store's table of docs/LABS.md. With {@code -Dlabs.rewrite=true} a scenario writes its figures into its row. */
final class KvLabTable {
    private static final Path FILE = Path.of("").toAbsolutePath().getParent().resolve(Path.of("docs", "LABS.md"));

    private KvLabTable() {
    }

    static void rewrite(KvScenario scenario, KvFigures figures) {
        if (Boolean.getBoolean("labs.rewrite")) {
            try {
                final List<String> lines = Files.readAllLines(FILE).stream()
                    .map(line -> line.startsWith("| " + scenario.id() + " |") ? withLastCell(line, figures) : line)
                    .toList();
                Files.write(FILE, lines);
            } catch (final IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static String withLastCell(String row, KvFigures figures) {
        final int end = row.lastIndexOf('|');
        return row.substring(0, row.lastIndexOf('|', end - 1) + 1) + " " + figures + " |";
    }
}
