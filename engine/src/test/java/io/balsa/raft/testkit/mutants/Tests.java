package io.balsa.raft.testkit.mutants;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.DisplayName;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs single tests out of a class loader of ours, as JUnit would out of its own. */
final class Tests {
    private static final long LIMIT_SECONDS = 60;
    private static final Pattern SCENARIO = Pattern.compile("T-\\d+");

    /** Nothing of the surrounding test run is picked up: its listeners would take our tests for theirs. */
    private final Launcher launcher = LauncherFactory.create(LauncherConfig.builder()
        .enableLauncherSessionListenerAutoRegistration(false)
        .enableLauncherDiscoveryListenerAutoRegistration(false)
        .enablePostDiscoveryFilterAutoRegistration(false)
        .enableTestExecutionListenerAutoRegistration(false)
        .build());

    private final String basePackage;

    Tests(String basePackage) {
        this.basePackage = basePackage;
    }

    TestRun run(Mutant.Killer killer, ClassLoader classes) {
        final long startNs = System.nanoTime();
        final CompletableFuture<Heard> done = new CompletableFuture<>();
        final Thread runner = Thread.ofPlatform().daemon().name("killer").unstarted(() -> {
            try {
                done.complete(execute(killer, classes));
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        });
        runner.setContextClassLoader(classes);
        runner.start();
        try {
            return done.get(LIMIT_SECONDS, TimeUnit.SECONDS).asRun(millisSince(startNs));
        } catch (TimeoutException e) {
            runner.interrupt();
            return new TestRun(TestRun.End.TIMED_OUT, "did not end", -1, millisSince(startNs));
        } catch (ExecutionException e) {
            return new TestRun(TestRun.End.BROKEN, e.getCause().toString(), -1, millisSince(startNs));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long millisSince(long startNs) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
    }

    /** The killer's name, and the scenarios of the catalogue that its title says it plays. */
    String describe(Mutant.Killer killer, ClassLoader classes) throws ClassNotFoundException {
        final DisplayName title = method(killer, classes).getAnnotation(DisplayName.class);
        final List<String> scenarios = title == null ? List.of()
            : SCENARIO.matcher(title.value()).results().map(MatchResult::group).toList();
        return scenarios.isEmpty() ? killer.toString() : killer + " (" + String.join(", ", scenarios) + ')';
    }

    private Method method(Mutant.Killer killer, ClassLoader classes) throws ClassNotFoundException {
        final Class<?> testClass = testClass(killer, classes);
        final List<Method> named = Stream.<Class<?>>iterate(testClass, Objects::nonNull, Class::getSuperclass)
            .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
            .filter(method -> method.getName().equals(killer.method())).toList();
        if (named.size() != 1) {
            throw new IllegalStateException(testClass.getName() + " has " + named.size() + " methods "
                + killer.method());
        }
        return named.getFirst();
    }

    private Class<?> testClass(Mutant.Killer killer, ClassLoader classes) throws ClassNotFoundException {
        return Class.forName(basePackage + '.' + killer.className(), true, classes);
    }

    private Heard execute(Mutant.Killer killer, ClassLoader classes) throws ClassNotFoundException {
        final LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
            .selectors(DiscoverySelectors.selectMethod(testClass(killer, classes), method(killer, classes))).build();
        final Heard heard = new Heard();
        final String seedsBefore = System.getProperty("seeds");
        if (killer.seeds() > 0) {
            System.setProperty("seeds", Integer.toString(killer.seeds()));
        }
        try {
            launcher.execute(request, heard);
        } finally {
            if (seedsBefore == null) {
                System.clearProperty("seeds");
            } else {
                System.setProperty("seeds", seedsBefore);
            }
        }
        return heard;
    }

    /** What JUnit tells of one run. */
    private static final class Heard implements TestExecutionListener {
        private int ended;
        private Optional<Throwable> failure = Optional.empty();

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            if (test.isTest()) {
                ended++;
            }
            if (result.getStatus() != TestExecutionResult.Status.SUCCESSFUL && failure.isEmpty()) {
                failure = Optional.of(result.getThrowable()
                    .orElseGet(() -> new AssertionError(test.getDisplayName() + " failed without a reason")));
            }
        }

        TestRun asRun(long millis) {
            if (failure.isPresent()) {
                return TestRun.failed(failure.get(), millis);
            }
            return ended > 0 ? new TestRun(TestRun.End.PASSED, "passed", -1, millis)
                : new TestRun(TestRun.End.BROKEN, "no test was found", -1, millis);
        }
    }
}
