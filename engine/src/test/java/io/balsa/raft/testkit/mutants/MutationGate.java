package io.balsa.raft.testkit.mutants;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;

/**
 * The planted pitfalls of one module, see {@link MutantFile} for how they are written, each against the tests named for
 * it. A mutant is killed when those tests report it: not when it does not compile or load, and not when it hangs. The
 * same tests must pass, loaded the same way, on the product as it is.
 *
 * <p>Runs where Maven runs a module's tests, in the module's folder.
 */
public final class MutationGate {
    private static final Path SOURCES = Path.of("src", "main", "java");

    private final String basePackage;
    private final List<Mutant> mutants;
    private final MemoryCompiler compiler = new MemoryCompiler();
    private final Tests tests;
    private final ClassLoader asItIs = new ChangedClasses(Map.of());
    private final Map<Mutant.Killer, TestRun> withoutMutant = new HashMap<>();
    private final Map<String, MutantReport.Death> deaths = new HashMap<>();

    /** The mutants of this module. */
    public MutationGate(String basePackage) throws IOException {
        this(basePackage, Path.of("src", "test", "resources", "mutants"));
    }

    /**
     * @param basePackage files and tests are named below it
     * @param folder      with files of mutants
     */
    public MutationGate(String basePackage, Path folder) throws IOException {
        this.basePackage = basePackage;
        this.mutants = MutantFile.readAll(folder);
        this.tests = new Tests(basePackage);
        final Map<String, Long> byId =
            mutants.stream().collect(Collectors.groupingBy(Mutant::id, TreeMap::new, Collectors.counting()));
        byId.values().removeIf(count -> count == 1);
        assertEquals(Map.of(), byId, "mutants that are described more than once");
    }

    /** One test for each planted mutant. */
    public Stream<DynamicTest> everyMutantIsKilled() {
        return mutants.stream().filter(Mutant::isPlanted)
            .map(mutant -> dynamicTest(mutant.id() + ": " + mutant.title(), () -> mustBeKilled(mutant)));
    }

    private void mustBeKilled(Mutant mutant) throws IOException, ClassNotFoundException {
        final ClassLoader planted = new ChangedClasses(compiler.compile(changedSources(mutant)));
        final List<TestRun> reports = new ArrayList<>();
        final List<String> killedBy = new ArrayList<>();
        for (final Mutant.Killer killer : mutant.killers()) {
            final TestRun before = withoutMutant.computeIfAbsent(killer, test -> tests.run(test, asItIs));
            assertEquals(TestRun.End.PASSED, before.end(),
                () -> killer + " must pass on the product as it is, but: " + before.says());
            final TestRun after = tests.run(killer, planted);
            assertEquals(TestRun.End.REPORTED, after.end(), () -> "mutant " + mutant.id() + " (" + mutant.title()
                + ") is not killed by " + killer + ", which says: " + after.says());
            reports.add(after);
            killedBy.add(tests.describe(killer, asItIs));
        }
        deaths.put(mutant.id(), new MutantReport.Death(killedBy, reports));
    }

    private Map<String, String> changedSources(Mutant mutant) throws IOException {
        final Map<String, List<String>> changed = new HashMap<>();
        for (final Mutant.Change change : mutant.changes()) {
            final Path file = SOURCES.resolve(basePackage.replace('.', '/')).resolve(change.file());
            final List<String> text = changed.containsKey(change.file()) ? changed.get(change.file())
                : Files.readAllLines(file);
            changed.put(change.file(), change.applyTo(text, mutant.id()));
        }
        return changed.entrySet().stream().collect(Collectors.toMap(
            entry -> basePackage + '.' + entry.getKey().replace(".java", "").replace('/', '.'),
            entry -> String.join("\n", entry.getValue())));
    }

    /**
     * Writes what was found so far to {@code target/mutants.md}, and with {@code -Dmutants.report=write} to the
     * module's part of {@code docs/MUTANTS.md}.
     */
    public void report() throws IOException {
        final MutantReport report = new MutantReport(mutants, deaths);
        Files.writeString(Path.of("target", "mutants.md"), report.asMarkdown());
        if ("write".equals(System.getProperty("mutants.report"))) {
            report.replacePartOf(Path.of("..", "docs", "MUTANTS.md"), Path.of("").toAbsolutePath().getFileName());
        }
    }
}
