package io.balsa.raft.testkit.mutants;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads mutants as people write them. Lines between {@code -} and {@code +} are what stands around the change; an empty
 * line ends a change, so that the next lines are another one.
 *
 * <pre>
 * mutant E08: a candidate does not count its own vote
 *   In a group of three it then needs both others: after one crash nobody is elected.
 * source: lab notes
 * killed by core.ElectionTest.aCandidateLeadsWithExactlyAMajority
 * in core/Election.java
 *   boolean isWon() {
 * -     return Long.bitCount(grantedRows) + 1 >= peers.majority();
 * +     return Long.bitCount(grantedRows) >= peers.majority();
 * </pre>
 */
final class MutantFile {
    private static final String SUFFIX = ".mutant";
    private static final Pattern MUTANT = Pattern.compile("(mutant|no mutant) (\\w+): (.+)");
    private static final Pattern KILLER = Pattern.compile("killed by ([\\w.$]+)\\.(\\w+)(?:, seeds 1 to (\\d+))?");
    private static final String SOURCE = "source: ";
    private static final String IN = "in ";

    private final Path file;
    private final String topic;
    private final List<Mutant> mutants = new ArrayList<>();

    private String kind = "";
    private String id = "";
    private String title = "";
    private String source = "";
    private String changedFile = "";
    private final StringBuilder story = new StringBuilder();
    private final List<Mutant.Killer> killers = new ArrayList<>();
    private final List<Mutant.Change> changes = new ArrayList<>();
    private final List<String> before = new ArrayList<>();
    private final List<String> after = new ArrayList<>();

    private MutantFile(Path file) {
        this.file = file;
        final String name = file.getFileName().toString();
        topic = name.substring(0, name.length() - SUFFIX.length());
    }

    /** All mutants of a folder, file by file. */
    static List<Mutant> readAll(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            final List<Mutant> all = new ArrayList<>();
            for (final Path file : files.filter(path -> path.toString().endsWith(SUFFIX)).sorted().toList()) {
                all.addAll(new MutantFile(file).read());
            }
            return List.copyOf(all);
        }
    }

    private List<Mutant> read() throws IOException {
        final List<String> lines = Files.readAllLines(file);
        for (int i = 0; i < lines.size(); i++) {
            if (!understands(lines.get(i))) {
                throw new IllegalStateException(file + ":" + (i + 1) + ": \"" + lines.get(i) + "\" is not understood");
            }
        }
        endMutant();
        return mutants;
    }

    private boolean understands(String line) {
        final Matcher mutant = MUTANT.matcher(line);
        final Matcher killer = KILLER.matcher(line);
        if (line.startsWith("#")) {
            return true;
        } else if (line.isBlank()) {
            endChange();
        } else if (mutant.matches()) {
            endMutant();
            kind = mutant.group(1);
            id = mutant.group(2);
            title = mutant.group(3);
        } else if (line.startsWith(SOURCE)) {
            source = line.substring(SOURCE.length());
        } else if (killer.matches()) {
            killers.add(new Mutant.Killer(killer.group(1), killer.group(2),
                killer.group(3) == null ? 0 : Integer.parseInt(killer.group(3))));
        } else if (line.startsWith(IN)) {
            endChange();
            changedFile = line.substring(IN.length());
        } else if (line.startsWith("  ") && changedFile.isEmpty()) {
            story.append(story.isEmpty() ? "" : " ").append(line.strip());
        } else if (line.startsWith("  ")) {
            before.add(line.strip());
            after.add(line.strip());
        } else if (line.startsWith("-")) {
            before.add(line.substring(1).strip());
        } else if (line.startsWith("+")) {
            after.add(line.substring(1).strip());
        } else {
            return false;
        }
        return true;
    }

    private void endChange() {
        if (!before.isEmpty() || !after.isEmpty()) {
            if (before.isEmpty() || before.equals(after)) {
                throw new IllegalStateException(file + ": mutant " + id + " has a change that changes nothing, or does"
                    + " not say where: show a line that stands there now");
            }
            changes.add(new Mutant.Change(changedFile, List.copyOf(before), List.copyOf(after)));
        }
        before.clear();
        after.clear();
    }

    private void endMutant() {
        endChange();
        if (!id.isEmpty()) {
            final boolean planted = kind.equals("mutant");
            if (planted == changes.isEmpty() || planted == killers.isEmpty() || story.isEmpty() || source.isEmpty()) {
                throw new IllegalStateException(file + ": " + kind + ' ' + id + " needs a story, a source and "
                    + (planted ? "a change and who kills it" : "nothing else"));
            }
            mutants.add(new Mutant(id, topic, title, story.toString(), source, List.copyOf(changes),
                List.copyOf(killers)));
        }
        kind = "";
        id = "";
        source = "";
        changedFile = "";
        story.setLength(0);
        changes.clear();
        killers.clear();
    }
}
