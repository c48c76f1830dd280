package io.balsa.benchmarks.rig;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;

import org.HdrHistogram.Histogram;

/**
 * The measuring process: one system, started once, all loads and sizes one after the other, or its leader killed again
 * and again; a line on standard output for each figure. {@link Rig} starts it.
 */
final class Measure {
    private static final long SETTLE_NS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int RECOVERY_SECONDS = 5;
    private static final int WARM_WIDTH = 64;

    private final Contender contender;
    private final Plan plan;
    private final Setting setting;

    private Measure(Contender contender, Plan plan, Setting setting) {
        this.contender = contender;
        this.plan = plan;
        this.setting = setting;
    }

    /** Arguments: the directory on disk, the one in memory, and those of {@link Rig} for one system. */
    public static void main(String[] args) throws Exception {
        Logger.getLogger("").setLevel(Level.SEVERE); // of libraries
        final Plan plan = Plan.parse(Arrays.asList(args).subList(2, args.length));
        final boolean kill = plan.kills() > 0;
        final Setting setting = new Setting(Path.of(args[0]), Path.of(args[1]), plan.forced(), kill);
        final Measure measure = new Measure(plan.systems().getFirst(), plan, setting);
        int status = 0;
        try {
            if (measure.contender.isFloor()) {
                measure.floors();
            } else if (kill) {
                measure.failovers();
            } else {
                measure.loads();
            }
        } catch (Exception | LinkageError e) {
            e.printStackTrace();
            status = 1;
        }
        System.out.flush();
        Runtime.getRuntime().halt(status); // what a library left running must not keep the next one waiting
    }

    private void floors() throws Exception {
        for (int bytes : plan.sizes()) {
            final long warmNs = plan.warmNs() / 2;
            final Machine before = Machine.now();
            final Histogram latencies = contender == Contender.UDP ? Floors.udp(bytes, warmNs, plan.measureNs())
                : Floors.files(setting.dir(), bytes, warmNs, plan.measureNs());
            print(Cell.of(Cell.circumstances(contender, plan, Cell.Kind.WRITE, bytes, 1), latencies, before,
                Machine.now(), 0));
        }
    }

    private void loads() throws Exception {
        final Subject subject = contender.subject(plan.layout(), setting);
        final Caller caller = new Caller(subject);
        start(subject, caller);
        final Caller.Operation anyWrite = caller.writes(Command.all(plan.sizes().getFirst()));
        caller.closedLoop(anyWrite, WARM_WIDTH, plan.warmNs(plan.layout()));
        for (int bytes : plan.sizes()) {
            final Caller.Operation write = caller.writes(Command.all(bytes));
            for (int width : plan.outstanding()) {
                measure(subject, Cell.Kind.WRITE, bytes, width, ns -> caller.closedLoop(write, width, ns));
            }
            for (int rate : plan.rates()) {
                measure(subject, Cell.Kind.RATE, bytes, rate, ns -> caller.openLoop(write, rate, ns));
            }
        }
        if (plan.reads() && contender.hasReads()) {
            for (int width : plan.outstanding()) {
                measure(subject, Cell.Kind.READ, plan.sizes().getFirst(), width,
                    ns -> caller.closedLoop(subject::read, width, ns));
            }
        }
        closeWithin(subject, 5);
    }

    private void start(Subject subject, Caller caller) throws Exception {
        final int bytes = plan.sizes().getFirst();
        final long startNs = System.nanoTime();
        subject.start(caller);
        final long firstNs = caller.firstAnswer(caller.writes(Command.all(bytes)));
        print(Cell.of(Cell.circumstances(contender, plan, Cell.Kind.START, bytes, 1), (firstNs - startNs) / 1e6));
    }

    private interface Load {
        Histogram run(long ns) throws Exception;
    }

    private void measure(Subject subject, Cell.Kind kind, int bytes, int amount, Load load) throws Exception {
        load.run(SETTLE_NS);
        subject.restartStages();
        final Machine before = Machine.now();
        final long otherNs = subject.otherCpuNs();
        final Histogram latencies = load.run(plan.measureNs());
        final Machine after = Machine.now();
        print(Cell.of(Cell.circumstances(contender, plan, kind, bytes, amount), latencies, before, after,
            subject.otherCpuNs() - otherNs).with(subject.stages()));
    }

    private void failovers() throws Exception {
        final int bytes = plan.sizes().getFirst();
        final Processes processes = contender.processes(setting);
        final Subject subject = contender.subject(setting, processes);
        final Caller caller = new Caller(subject);
        start(subject, caller);
        final Caller.Operation write = caller.writes(Command.all(bytes));
        for (int kill = 0; kill < plan.kills(); kill++) {
            TimeUnit.SECONDS.sleep(RECOVERY_SECONDS);
            caller.firstAnswer(write);
            final int leader = subject.leader();
            final long killNs = System.nanoTime();
            processes.kill(leader);
            final long firstNs = caller.firstAnswer(write);
            print(Cell.of(Cell.circumstances(contender, plan, Cell.Kind.FAILOVER, bytes, 1),
                (firstNs - killNs) / 1e6));
            TimeUnit.SECONDS.sleep(contender.secondsUntilRestart());
            processes.start(leader);
        }
        closeWithin(subject, 5);
    }

    /** In an orderly way; what does not end by itself ends with this process. */
    private static void closeWithin(Subject subject, int seconds) throws Exception {
        final ExecutorService thread = Executors.newSingleThreadExecutor();
        final Future<?> closed = thread.submit(() -> {
            subject.close();
            return null;
        });
        try {
            closed.get(seconds, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            System.err.printf(Locale.ROOT, "close took longer than %d s%n", seconds);
        }
    }

    private static void print(Cell cell) {
        System.out.println(cell.line());
    }
}
