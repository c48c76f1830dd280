package io.balsa.benchmarks.rig;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * What to measure, as the command line says it.
 *
 * @param systems     which systems and floors
 * @param outstanding how many operations are kept under way, one after the other
 * @param sizes       command lengths in bytes
 * @param layouts     where the nodes run
 * @param durable     true: every commit forced to disk on a majority; false: in the memory of a majority
 * @param rates       open loop, operations a second
 * @param reads       whether linearizable reads are measured as well
 * @param kills       how often the leader is killed; 0: never
 * @param repeats     how often each system is started anew
 * @param warmNs      warm-up of each process; three times that where the nodes are processes, which warm up apart
 * @param measureNs   how long each figure is measured
 * @param dir         where the nodes' data goes
 * @param out         where the results go: this with an ending
 * @param jvmOptions  more options for the measured JVMs
 */
record Plan(List<Contender> systems, List<Integer> outstanding, List<Integer> sizes, List<Layout> layouts,
            List<Boolean> durable, List<Integer> rates, boolean reads, int kills, int repeats, long warmNs,
            long measureNs, Path dir, Path out, List<String> jvmOptions) {
    static final String USAGE = """
        rig [--quick | --full] [--systems a,b] [--outstanding 1,64] [--size 64,1024] [--layout jvm,processes]
            [--durability forced,memory] [--rates 1000,20000] [--reads yes|no] [--kills N] [--repeats N]
            [--warmup SECONDS] [--seconds SECONDS] [--dir DIR] [--out PATH] [--jvm "OPTIONS"]""";

    /** Of an option given twice the last one counts. Unknown ones: {@link IllegalArgumentException}. */
    static Plan parse(List<String> args) {
        final Parser parser = new Parser();
        for (int i = 0; i < args.size(); i++) {
            final String name = args.get(i);
            if (name.equals("--quick")) {
                parser.quick();
            } else if (name.equals("--full")) {
                parser.full();
            } else if (i + 1 == args.size()) {
                throw new IllegalArgumentException(name + " needs a value");
            } else {
                parser.option(name, args.get(++i));
            }
        }
        return parser.plan();
    }

    /** Of one process: this system alone, in this layout and durability. */
    static List<String> narrowed(List<String> args, Contender system, Layout layout, boolean forced) {
        final List<String> all = new ArrayList<>(args);
        all.addAll(List.of("--systems", system.toString(), "--layout", layout.toString(), "--durability",
            durability(forced)));
        return all;
    }

    static String durability(boolean forced) {
        return forced ? "forced" : "memory";
    }

    Layout layout() {
        return layouts.getFirst();
    }

    boolean forced() {
        return durable.getFirst();
    }

    long warmNs(Layout layout) {
        return layout == Layout.PROCESSES ? 3 * warmNs : warmNs;
    }

    private static final class Parser {
        private List<Contender> systems = List.of(Contender.values());
        private List<Integer> outstanding = List.of(1, 16, 64, 256, 1024);
        private List<Integer> sizes = List.of(64, 1024);
        private List<Layout> layouts = List.of(Layout.JVM);
        private List<Boolean> durable = List.of(true);
        private List<Integer> rates = List.of();
        private boolean reads;
        private int kills;
        private int repeats = 5;
        private double warm = 4;
        private double seconds = 3;
        private Path dir = Path.of(System.getProperty("rig.dir", "."));
        private Path out = dir.resolveSibling("report");
        private List<String> jvmOptions = List.of();

        void quick() {
            outstanding = List.of(1, 64, 1024);
            repeats = 3;
            warm = 3;
            seconds = 2;
        }

        void full() {
            layouts = List.of(Layout.values());
            durable = List.of(true, false);
            rates = List.of(1_000, 10_000);
            reads = true;
            kills = 10;
        }

        void option(String name, String value) {
            switch (name) {
                case "--systems" -> systems = list(value, Contender::named);
                case "--outstanding" -> outstanding = list(value, Integer::valueOf);
                case "--size" -> sizes = list(value, Integer::valueOf);
                case "--layout" ->
                    layouts = list(value, layout -> Layout.valueOf(oneOf(layout, "jvm", "processes").toUpperCase(
                        Locale.ROOT)));
                case "--durability" ->
                    durable = list(value, word -> oneOf(word, durability(true), durability(false)).equals("forced"));
                case "--rates" -> rates = list(value, Integer::valueOf);
                case "--reads" -> reads = oneOf(value, "yes", "no").equals("yes");
                case "--kills" -> kills = Integer.parseInt(value);
                case "--repeats" -> repeats = Integer.parseInt(value);
                case "--warmup" -> warm = Double.parseDouble(value);
                case "--seconds" -> seconds = Double.parseDouble(value);
                case "--dir" -> dir = Path.of(value);
                case "--out" -> out = Path.of(value);
                case "--jvm" -> jvmOptions = list(value.trim(), " +", Function.identity());
                default -> throw new IllegalArgumentException("unknown option " + name);
            }
        }

        Plan plan() {
            return new Plan(systems, outstanding, sizes, layouts, durable, rates, reads, kills, repeats, nanos(warm),
                nanos(seconds), dir.toAbsolutePath(), out.toAbsolutePath(), jvmOptions);
        }

        private static long nanos(double seconds) {
            return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
        }

        private static <T> List<T> list(String text, Function<String, T> item) {
            return list(text, ",", item);
        }

        private static <T> List<T> list(String text, String separator, Function<String, T> item) {
            return text.isEmpty() ? List.of() : Arrays.stream(text.split(separator, -1)).map(item).toList();
        }

        private static String oneOf(String value, String... allowed) {
            if (!List.of(allowed).contains(value)) {
                throw new IllegalArgumentException(value + " is none of " + String.join(", ", allowed));
            }
            return value;
        }
    }
}
