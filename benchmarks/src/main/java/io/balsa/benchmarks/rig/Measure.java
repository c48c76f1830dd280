package io.balsa.benchmarks.rig;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.HdrHistogram.Histogram;

/**
 * The measuring process: one system, started once, all widths and sizes one after the other; a line on standard output
 * for each. {@link Rig} starts it.
 */
final class Measure {
    private static final long SETTLE_NS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int WARM_WIDTH = 64;

    private final Contender contender;
    private final Plan plan;
    private final Path dir;

    private Measure(Contender contender, Plan plan, Path dir) {
        this.contender = contender;
        this.plan = plan;
        this.dir = dir;
    }

    /** Arguments: the system, the directory, and those of {@link Rig}. */
    public static void main(String[] args) throws Exception {
        final Plan plan = Plan.parse(args, 2);
        final Measure measure = new Measure(Contender.named(args[0]), plan, Path.of(args[1]));
        if (measure.contender.isFloor()) {
            measure.floors();
        } else {
            measure.subject();
        }
        // what a library left running must not keep the next one waiting
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    private void floors() throws Exception {
        for (int bytes : plan.sizes()) {
            final long warmNs = plan.warmNs() / 2;
            final Machine before = Machine.now();
            final Histogram latencies = contender == Contender.UDP ? Floors.udp(bytes, warmNs, plan.measureNs())
                : Floors.files(dir, bytes, warmNs, plan.measureNs());
            print(bytes, "outstanding", 1, latencies, before, Machine.now(), 0);
        }
    }

    private void subject() throws Exception {
        final long startNs = System.nanoTime();
        final Subject subject = contender.inJvm(dir, plan.forced());
        final Caller caller = new Caller(subject);
        subject.start(caller);
        caller.closedLoop(caller.writes(Command.all(plan.sizes().getFirst())), 1, 0, 1);
        System.err.printf("%s: first commit after %d ms%n", contender,
            TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs));
        boolean warm = false;
        for (int bytes : plan.sizes()) {
            final Command[] commands = Command.all(bytes);
            if (!warm) {
                caller.closedLoop(caller.writes(commands), WARM_WIDTH, 0, plan.warmNs());
                warm = true;
            }
            for (int width : plan.outstanding()) {
                caller.closedLoop(caller.writes(commands), width, 0, SETTLE_NS);
                final Machine before = Machine.now();
                final long otherNs = subject.otherCpuNs();
                final Histogram latencies = caller.closedLoop(caller.writes(commands), width, 0, plan.measureNs());
                print(bytes, "outstanding", width, latencies, before, Machine.now(), subject.otherCpuNs() - otherNs);
            }
        }
    }

    private void print(int bytes, String load, int amount, Histogram latencies, Machine before, Machine after,
                       long otherCpuNs) {
        final Map<String, String> what = new LinkedHashMap<>();
        what.put("system", contender.toString());
        what.put("layout", plan.layout());
        what.put("durability", plan.forced() ? "forced" : "memory");
        what.put("bytes", String.valueOf(bytes));
        what.put(load, String.valueOf(amount));
        System.out.println(Cell.of(what, latencies, before, after, otherCpuNs).line());
    }
}
