package io.balsa.benchmarks.rig;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import io.balsa.benchmarks.Group;
import io.balsa.raft.Outcome;
import io.balsa.raft.RaftNode;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What a commit costs as one thing grows and all others stay: members, bytes, waiting threads, entries in the log. All
 * members and callers in this JVM, callers on virtual threads in the blocking call. Prints a table and draws curves.
 */
final class Growth {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final long WARM_NS = TimeUnit.SECONDS.toNanos(4);
    private static final long SETTLE_NS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long MEASURE_NS = TimeUnit.SECONDS.toNanos(2);
    private static final int MEMBERS = 3;
    private static final int BYTES = 64;
    private static final int FILLING_THREADS = 1_000;

    /** What grows. */
    private enum Grows {
        MEMBERS("members", 3, 5, 7),
        BYTES("bytes of a command", 64, 256, 1_024, 4_096, 16_384, 65_536),
        THREADS("waiting virtual threads", 1, 10, 100, 1_000, 10_000),
        ENTRIES("entries in the log", 10_000, 100_000, 1_000_000, 10_000_000);

        private final String title;
        private final int[] steps;

        Grows(String title, int... steps) {
            this.title = title;
            this.steps = steps;
        }
    }

    /** Medians of one step, with the least and the greatest. */
    private static final class Step {
        private final List<Double> p50 = new ArrayList<>();
        private final List<Double> p99 = new ArrayList<>();
        private final List<Double> perSecond = new ArrayList<>();

        private void add(Histogram took, double seconds) {
            p50.add(took.getValueAtPercentile(50) / 1e3);
            p99.add(took.getValueAtPercentile(99) / 1e3);
            perSecond.add(took.getTotalCount() / seconds);
        }

        private static double median(List<Double> values) {
            return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
        }

        private static String spread(List<Double> values) {
            return String.format(Locale.ROOT, "%,.0f (%,.0f-%,.0f)", median(values),
                values.stream().min(Double::compare).orElseThrow(), values.stream().max(Double::compare).orElseThrow());
        }
    }

    private final Map<Grows, Map<Integer, Step>> steps = new EnumMap<>(Grows.class);
    private final int repeats;

    private Growth(int repeats) {
        this.repeats = repeats;
    }

    /** Arguments: where the picture goes, and how often to measure each step. */
    public static void main(String[] args) throws Exception {
        if (args.length != 2) {
            System.err.println("growth: needs a file for the picture and how often to measure");
            System.exit(2);
        }
        final Growth growth = new Growth(Integer.parseInt(args[1]));
        growth.measure();
        growth.print();
        Files.writeString(Path.of(args[0]), growth.picture());
    }

    private void measure() throws InterruptedException {
        try (Group group = new Group(MEMBERS)) {
            load(group.awaitLeader(), FILLING_THREADS, BYTES, WARM_NS);
            load(group.awaitLeader(), 1, BYTES, WARM_NS);
        }
        for (int repeat = 0; repeat < repeats; repeat++) {
            for (final int members : Grows.MEMBERS.steps) {
                try (Group group = new Group(members)) {
                    step(Grows.MEMBERS, members, group, 1, BYTES);
                }
            }
            try (Group group = new Group(MEMBERS)) {
                for (final int bytes : Grows.BYTES.steps) {
                    step(Grows.BYTES, bytes, group, 1, bytes);
                }
                for (final int threads : Grows.THREADS.steps) {
                    step(Grows.THREADS, threads, group, threads, BYTES);
                }
            }
            try (Group group = new Group(MEMBERS)) {
                for (final int entries : Grows.ENTRIES.steps) {
                    fill(group.awaitLeader(), entries);
                    step(Grows.ENTRIES, entries, group, 1, BYTES);
                }
            }
        }
    }

    private void step(Grows grows, int amount, Group group, int threads, int bytes) throws InterruptedException {
        final RaftNode<Void> leader = group.awaitLeader();
        load(leader, threads, bytes, SETTLE_NS);
        final Histogram took = load(leader, threads, bytes, MEASURE_NS);
        steps.computeIfAbsent(grows, any -> new TreeMap<>()).computeIfAbsent(amount, any -> new Step())
            .add(took, MEASURE_NS / 1e9);
        System.err.printf(Locale.ROOT, "%s %,d: p50 %,d us%n", grows.title, amount,
            took.getValueAtPercentile(50) / 1_000);
    }

    private static void fill(RaftNode<Void> leader, int entries) throws InterruptedException {
        while (leader.status().lastIndex() < entries) {
            load(leader, FILLING_THREADS, BYTES, SETTLE_NS);
        }
    }

    /** So many threads commit one command after the other. */
    private static Histogram load(RaftNode<Void> leader, int threads, int bytes, long ns) throws InterruptedException {
        final Histogram took = new ConcurrentHistogram(TIMEOUT.toNanos() * 2, 3);
        final AtomicReference<Outcome<Void>> failed = new AtomicReference<>();
        final long endNs = System.nanoTime() + ns;
        final List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            callers.add(Thread.ofVirtual().start(() -> {
                final UnsafeBuffer command = new UnsafeBuffer(new byte[bytes]);
                for (long sentNs = System.nanoTime(); sentNs - endNs < 0; sentNs = System.nanoTime()) {
                    final Outcome<Void> outcome = leader.propose(command, 0, bytes, TIMEOUT);
                    if (!(outcome instanceof Outcome.Committed<Void>)) {
                        failed.set(outcome);
                        return;
                    }
                    took.recordValue(System.nanoTime() - sentNs);
                }
            }));
        }
        for (final Thread caller : callers) {
            caller.join();
        }
        if (failed.get() != null) {
            throw new IllegalStateException("a command was not committed: " + failed.get());
        }
        return took;
    }

    private void print() {
        System.out.println("| what grows | to | p50 us | p99 us | commits a second |");
        System.out.println("|---|---|---|---|---|");
        steps.forEach((grows, amounts) -> amounts.forEach((amount, step) ->
            System.out.printf(Locale.ROOT, "| %s | %,d | %s | %s | %s |%n", grows.title, amount,
                Step.spread(step.p50), Step.spread(step.p99), Step.spread(step.perSecond))));
    }

    private String picture() {
        final List<Chart> charts = Arrays.stream(Grows.values()).map(grows -> {
            final Chart chart = new Chart("microseconds", grows.title);
            steps.get(grows).forEach((amount, step) -> {
                chart.point("p50", amount, Step.median(step.p50));
                chart.point("p99", amount, Step.median(step.p99));
            });
            return chart;
        }).toList();
        return Chart.beside("A commit, as one thing grows: else three members, 64 bytes, one thread", charts);
    }
}
