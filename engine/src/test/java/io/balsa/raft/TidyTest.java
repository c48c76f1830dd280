package io.balsa.raft;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Holds who may depend on whom, in this module by its classes and in the others by their sources. */
final class TidyTest {
    private static final String CORE = "io.balsa.raft.core..";
    private static final String SPI = "io.balsa.raft.spi..";
    private static final JavaClasses ENGINE = new ClassFileImporter()
        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
        .importPackages("io.balsa.raft");
    private static final Set<String> IMPURE_TYPES = Set.of(
        "java.lang.Thread", "java.lang.ThreadLocal", "java.lang.Runtime", "java.lang.Process",
        "java.lang.ProcessBuilder", "java.util.Random", "java.util.SplittableRandom", "java.util.UUID",
        "java.util.Timer", "java.util.Date", "java.util.Scanner");

    private static final int LONGEST_LINE = 120;
    private static final Pattern COMMENT = Pattern.compile("^\\s*(\\*|/\\*|//)");

    /** The checkout: Maven runs a module's tests in the module's folder. */
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final List<String> MODULES =
        List.of("engine", "transport-aeron", "log-mmap", "kv", "mapreduce", "benchmarks");

    @Test
    void theCoreNeedsTheLanguageAndItselfOnly() {
        classes().that().resideInAPackage(CORE)
            .should().onlyDependOnClassesThat(
                resideInAnyPackage(CORE, "java.lang..", "java.util", "java.util.function", "java.util.random"))
            .check(ENGINE);
    }

    @Test
    void theCoreHasNoClockThreadChanceOrIoOfItsOwn() {
        final DescribedPredicate<JavaClass> impure =
            describe("a clock, thread, source of chance or IO", type -> IMPURE_TYPES.contains(type.getName()));
        noClasses().that().resideInAPackage(CORE).should().dependOnClassesThat(impure).check(ENGINE);

        // Of System only the copying of arrays is pure. A generator of chance is an argument, never made here.
        final DescribedPredicate<JavaAccess<?>> impureCall = describe("what depends on more than its arguments",
            access -> (access.getTargetOwner().isEquivalentTo(System.class) && !access.getName().equals("arraycopy"))
                || (access.getTargetOwner().isEquivalentTo(Math.class) && access.getName().equals("random"))
                || (access.getTargetOwner().isEquivalentTo(RandomGenerator.class)
                    && Set.of("of", "getDefault").contains(access.getName())));
        noClasses().that().resideInAPackage(CORE).should().accessTargetWhere(impureCall).check(ENGINE);
    }

    @Test
    void thePortsKnowNothingOfTheEngineBehindThem() {
        classes().that().resideInAPackage(SPI)
            .should().onlyDependOnClassesThat(resideInAnyPackage(SPI, "java..", "org.agrona.."))
            .check(ENGINE);
    }

    @Test
    void noTwoPackagesOfTheEngineNeedEachOther() {
        slices().matching("io.balsa.(**)").should().beFreeOfCycles().check(ENGINE);
    }

    @Test
    void onlyTheJournalKnowsChronicle() {
        assertEquals(List.of(), mainSources().filter(importing("net.openhft"))
            .filter(file -> !file.endsWith(Path.of("io", "balsa", "mmap", "Journal.java"))).toList());
    }

    @Test
    void onlyTheTransportKnowsAeron() {
        assertEquals(List.of(), mainSources().filter(importing("io.aeron"))
            .filter(file -> !file.startsWith(ROOT.resolve("transport-aeron")))
            // a peer that Balsa is measured beside is made of Aeron
            .filter(file -> !file.getFileName().toString().startsWith("AeronCluster")).toList());
    }

    @Test
    void adaptersKnowThePortsAndNothingElseOfTheEngine() {
        assertEquals(List.of(), Stream.of("transport-aeron", "log-mmap")
            .flatMap(module -> sources(module, "main"))
            .filter(importing("io.balsa.raft", name -> !name.startsWith("io.balsa.raft.spi."))).toList());
    }

    @Test
    void tasksKnowNothingOfThoseWhoHandThemOut() {
        final Pattern tasks = Pattern.compile("/io/balsa/mapreduce/(data|task)/");
        assertEquals(List.of(), sources("mapreduce", "main").filter(file -> tasks.matcher(file.toString()).find())
            .filter(importing("io.balsa.mapreduce", name -> name.matches(".*\\.(coordinator|worker|wire|cli)\\..*")))
            .toList());
    }

    @Test
    void onlyTheAdapterKnowsSparkAndNobodyKnowsTheAdapter() {
        final Path adapter = ROOT.resolve(Path.of("mapreduce/src/main/java/io/balsa/mapreduce/spark"));
        assertEquals(List.of(), mainSources().filter(file -> !file.startsWith(adapter))
            .filter(importing("org.apache.spark").or(importing("io.balsa.mapreduce.spark"))
                .or(importing("scala"))).toList());
    }

    @Test
    void sourcesKeepTheHouseStyle() {
        final Pattern unfinished = Pattern.compile("\\b(TODO|FIXME|XXX)\\b");
        final List<String> findings = new ArrayList<>();
        MODULES.stream().flatMap(module -> Stream.concat(sources(module, "main"), sources(module, "test")))
            .filter(file -> !file.endsWith("TidyTest.java"))
            .forEach(file -> {
                final List<String> lines = lines(file);
                for (int i = 0; i < lines.size(); i++) {
                    final String line = lines.get(i);
                    final String where = ROOT.relativize(file) + ":" + (i + 1);
                    if (line.startsWith("import ") && line.endsWith("*;")) {
                        findings.add(where + " imports by wildcard");
                    }
                    if (line.length() > LONGEST_LINE) {
                        findings.add(where + " is longer than " + LONGEST_LINE + " columns");
                    }
                    if (unfinished.matcher(line).find()) {
                        findings.add(where + " is unfinished");
                    }
                }
            });
        assertEquals(List.of(), findings);
    }

    @Test
    void theSourcesAreWhereThisTestLooksForThem() {
        for (final String module : List.of("engine", "transport-aeron", "log-mmap", "kv")) {
            assertFalse(sources(module, "main").findAny().isEmpty(), module + " has sources under " + ROOT);
        }
    }

    private static Stream<Path> mainSources() {
        return MODULES.stream().flatMap(module -> sources(module, "main"));
    }

    private static Stream<Path> sources(String module, String kind) {
        final Path folder = ROOT.resolve(Path.of(module, "src", kind, "java"));
        if (!Files.isDirectory(folder)) {
            return Stream.empty();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Predicate<Path> importing(String packageName) {
        return importing(packageName, name -> true);
    }

    /** Looks at every line of code and not at imports alone, since a full name needs no import. */
    private static Predicate<Path> importing(String packageName, Predicate<String> forbidden) {
        final Pattern mention = Pattern.compile("\\b" + Pattern.quote(packageName) + "\\.[A-Za-z_][A-Za-z0-9_.]*");
        return file -> lines(file).stream()
            .filter(line -> !COMMENT.matcher(line).find())
            .flatMap(line -> mention.matcher(line).results())
            .anyMatch(result -> forbidden.test(result.group()));
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
