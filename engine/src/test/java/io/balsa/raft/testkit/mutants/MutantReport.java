package io.balsa.raft.testkit.mutants;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Who died, by what, and how; and which pitfalls have no mutant and why. */
record MutantReport(List<Mutant> mutants, Map<String, Death> deaths) {
    private static final int LONGEST_WORDS = 150;

    /** Who killed a mutant, and what they reported, in their order. */
    record Death(List<String> killedBy, List<TestRun> reports) {
    }

    String asMarkdown() {
        final List<String> lines = new ArrayList<>();
        final List<Mutant> planted = mutants.stream().filter(Mutant::isPlanted).toList();
        lines.add(planted.size() + " planted, " + deaths.size() + " killed, in "
            + deaths.values().stream().flatMap(death -> death.reports().stream()).mapToLong(TestRun::millis).sum()
            + " ms.");
        for (final String topic : mutants.stream().map(Mutant::topic).distinct().toList()) {
            final List<Mutant> rows = planted.stream().filter(mutant -> mutant.topic().equals(topic)).toList();
            if (!rows.isEmpty()) {
                lines.addAll(List.of("", "### " + topic, "",
                    "| id | pitfall | known from | killed by | what the killer says | seeds | ms |",
                    "|---|---|---|---|---|---|---|"));
                rows.forEach(mutant -> lines.add(row(mutant)));
            }
        }
        lines.addAll(List.of("", "### not planted", "",
            "| id | pitfall | known from | why, and what stands in its place |", "|---|---|---|---|"));
        mutants.stream().filter(mutant -> !mutant.isPlanted()).forEach(mutant -> lines.add("| " + mutant.id() + " | "
            + mutant.title() + " | " + mutant.source() + " | " + mutant.story() + " |"));
        return String.join("\n", lines) + "\n";
    }

    private String row(Mutant mutant) {
        final String what = "| " + mutant.id() + " | " + mutant.title() + ". " + mutant.story() + " | "
            + mutant.source() + " | ";
        final Death death = deaths.get(mutant.id());
        if (death == null) {
            return what + mutant.killers().stream().map(Mutant.Killer::toString).collect(Collectors.joining("; "))
                + " | **lives** | | |";
        }
        final String seeds = death.reports().stream().filter(report -> report.seed() >= 0)
            .map(report -> Long.toString(report.seed())).collect(Collectors.joining(", "));
        return what + String.join("; ", death.killedBy()) + " | "
            + death.reports().stream().map(report -> inARow(report.says())).collect(Collectors.joining("; "))
            + " | " + seeds + " | " + death.reports().stream().mapToLong(TestRun::millis).sum() + " |";
    }

    /** In one line, without what differs from run to run. */
    private static String inARow(String words) {
        final String line = words.replaceFirst("^[a-z0-9.]+\\.(AssertionFailedError: |AssertionError: )?", "").strip()
            .replaceAll("\\[B@[0-9a-f]+", "bytes").replaceAll("127\\.0\\.0\\.1:\\d+", "node")
            .replaceAll("\\s+", " ").replace("|", "\\|").replace('`', '\'');
        return '`' + (line.length() <= LONGEST_WORDS ? line : line.substring(0, LONGEST_WORDS) + " …") + '`';
    }

    /** The part of a module stands between two comments that name it. */
    void replacePartOf(Path document, Path module) throws IOException {
        final String text = Files.readString(document);
        final String begin = "<!-- " + module + " -->\n";
        final String end = "<!-- end of " + module + " -->\n";
        final int from = text.indexOf(begin);
        final int to = text.indexOf(end);
        if (from < 0 || to < from) {
            throw new IllegalStateException(document + " has no part for " + module + ": add the lines " + begin + end);
        }
        Files.writeString(document, text.substring(0, from + begin.length()) + asMarkdown() + text.substring(to));
    }
}
