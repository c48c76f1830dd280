package io.balsa.benchmarks.rig;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What to measure.
 *
 * @param systems     which systems and floors
 * @param outstanding how many operations are kept under way, one after the other
 * @param sizes       command lengths in bytes
 * @param layout      {@code jvm}: three nodes and the caller in one JVM
 * @param forced      every commit forced to disk on a majority; else in the memory of a majority
 * @param repeats     how often each system is started anew
 * @param warmNs      warm-up of each process
 * @param measureNs   how long each figure is measured
 * @param dir         where the nodes' data goes
 * @param jvmOptions  more options for the measured JVMs
 */
record Plan(List<Contender> systems, List<Integer> outstanding, List<Integer> sizes, String layout, boolean forced,
            int repeats, long warmNs, long measureNs, Path dir, List<String> jvmOptions) {
    static final String USAGE = """
        rig [--systems a,b] [--outstanding 1,16] [--size 64,1024] [--layout jvm] [--durability forced|memory]
            [--repeats N] [--warmup SECONDS] [--seconds SECONDS] [--dir DIR] [--jvm "OPTIONS"] [--quick]""";

    /** Throws {@link IllegalArgumentException} on what it does not know. */
    static Plan parse(String[] args, int first) {
        List<Contender> systems = List.of(Contender.values());
        List<Integer> outstanding = List.of(1, 16, 64, 256, 1024);
        List<Integer> sizes = List.of(64, 1024);
        String layout = "jvm";
        boolean forced = true;
        int repeats = 5;
        double warm = 4;
        double seconds = 3;
        Path dir = Path.of(System.getProperty("rig.dir", "."));
        List<String> jvmOptions = List.of();
        for (int i = first; i < args.length; i++) {
            if (args[i].equals("--quick")) {
                repeats = 3;
                warm = 3;
                seconds = 2;
                continue;
            }
            if (i + 1 == args.length) {
                throw new IllegalArgumentException(args[i] + " needs a value");
            }
            final String value = args[++i];
            switch (args[i - 1]) {
                case "--systems" -> systems = Arrays.stream(value.split(",")).map(Contender::named).toList();
                case "--outstanding" -> outstanding = numbers(value);
                case "--size" -> sizes = numbers(value);
                case "--layout" -> layout = oneOf(value, "jvm");
                case "--durability" -> forced = oneOf(value, "forced", "memory").equals("forced");
                case "--repeats" -> repeats = Integer.parseInt(value);
                case "--warmup" -> warm = Double.parseDouble(value);
                case "--seconds" -> seconds = Double.parseDouble(value);
                case "--dir" -> dir = Path.of(value);
                case "--jvm" -> jvmOptions = value.isBlank() ? List.of() : List.of(value.trim().split(" +"));
                default -> throw new IllegalArgumentException("unknown option " + args[i - 1]);
            }
        }
        final boolean asForced = forced;
        return new Plan(systems.stream().filter(system -> system.isFloor() || system.can(asForced)).toList(),
            outstanding, sizes, layout, forced, repeats, nanos(warm), nanos(seconds), dir.toAbsolutePath(), jvmOptions);
    }

    private static long nanos(double seconds) {
        return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    }

    private static List<Integer> numbers(String list) {
        final List<Integer> numbers = new ArrayList<>();
        for (String number : list.split(",")) {
            numbers.add(Integer.valueOf(number));
        }
        return numbers;
    }

    private static String oneOf(String value, String... allowed) {
        if (!List.of(allowed).contains(value)) {
            throw new IllegalArgumentException(value + " is none of " + String.join(", ", allowed));
        }
        return value;
    }
}
