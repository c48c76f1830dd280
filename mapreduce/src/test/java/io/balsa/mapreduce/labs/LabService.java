package io.balsa.mapreduce.labs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.balsa.aeron.AeronConfig;
import io.balsa.mapreduce.FreePorts;
import io.balsa.mapreduce.Job;
import io.balsa.mapreduce.MapReduce;
import io.balsa.mapreduce.cli.Main;
import io.balsa.mapreduce.wire.CoordinatorUnavailable;
import io.balsa.mapreduce.wire.JobClient;
import io.balsa.mapreduce.wire.JobId;
import io.balsa.mapreduce.wire.JobStatus;
import io.balsa.mapreduce.wire.RemoteCoordination;
import org.agrona.IoUtil;

/** Coordinators and workers as processes, and eight books for them to read. */
final class LabService implements AutoCloseable {
    private static final String HOST = "127.0.0.1";
    private static final List<String> BOOKS = List.of("being_ernest", "dorian_gray", "frankenstein", "grimm",
        "huckleberry_finn", "metamorphosis", "sherlock_holmes", "tom_sawyer");

    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final Path dir;
    private final Process[] coordinators;
    private final List<Process> workers = new ArrayList<>();
    private final int firstPort;
    private final String mainClass;
    private final List<String> more;
    private RemoteCoordination coordination;

    /** @param mainClass of coordinators: the command line's own, or one that does something to itself first */
    LabService(Path dir, int coordinators, String mainClass, String... more) throws IOException {
        this.dir = dir;
        this.coordinators = new Process[coordinators];
        this.mainClass = mainClass;
        this.more = List.of(more);
        firstPort = FreePorts.neighbours(3 * coordinators);
        Files.createDirectories(dir.resolve("out"));
        Files.createDirectories(marks());
        writeBooks(dir);
    }

    LabService(Path dir, int coordinators) throws IOException {
        this(dir, coordinators, Main.class.getName());
    }

    /** Where tasks leave what others are to see. */
    Path marks() {
        return dir.resolve("marks");
    }

    Path out() {
        return dir.resolve("out");
    }

    /** Returns when all serve: how long processes take to start is no test's matter. */
    void startCoordinators() throws IOException, InterruptedException {
        final int before = timesTheyServed();
        for (int id = 0; id < coordinators.length; id++) {
            startCoordinator(id);
        }
        await(() -> timesTheyServed() == before + coordinators.length || coordinatorsLeft() < coordinators.length,
            START_LIMIT, "the coordinators do not serve");
    }

    private int timesTheyServed() {
        return (int) messages().lines().filter(line -> line.contains(" is asked at ")).count();
    }

    private void startCoordinator(int id) throws IOException {
        final List<String> arguments = new ArrayList<>(List.of("coordinator", "--id", "" + id, "--members", members(),
            "--listen", link(id), "--dir", data(id).toString(), "--lab"));
        if (!Files.exists(data(id))) {
            arguments.add("--bootstrap");
        }
        arguments.addAll(more);
        coordinators[id] = start("c" + id, mainClass, arguments);
    }

    /** {@code kill -9}; returns when it is gone. */
    void killCoordinator(int id) throws InterruptedException {
        coordinators[id].destroyForcibly().waitFor();
    }

    int coordinatorsLeft() {
        return (int) Stream.of(coordinators).filter(Process::isAlive).count();
    }

    Process startWorker() throws IOException {
        return startWorker("60s");
    }

    /** @param patience how long it looks for a coordinator that answers */
    Process startWorker(String patience) throws IOException {
        final Process worker = start("w" + workers.size(), Main.class.getName(), List.of("worker", "--coordinators",
            links(), "--slots", "1", "--patience", patience));
        workers.add(worker);
        return worker;
    }

    List<Process> startWorkers(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            startWorker();
        }
        return workers;
    }

    /** All that were started. */
    List<Process> workers() {
        return workers;
    }

    /** Submits a job that reads the books. @return its id */
    long submit(Job job) {
        final long id = JobId.draw();
        try {
            client().submit(id, job.input(books()).output(out()).spec());
        } catch (CoordinatorUnavailable e) {
            throw new AssertionError(e.getMessage() + "; they said:\n" + messages(), e);
        }
        return id;
    }

    JobStatus look(long job) {
        return client().look(job);
    }

    String books() {
        return dir + "/pg-*.txt";
    }

    /** Waits for the coordinators' own end, which is when outputs must be what they stay. */
    void awaitCoordinators(Duration timeout) throws InterruptedException {
        await(() -> coordinatorsLeft() == 0, timeout, "the coordinators have not ended");
    }

    void awaitWorkers(Duration timeout) throws InterruptedException {
        await(() -> workers.stream().noneMatch(Process::isAlive), timeout, "the workers have not ended");
    }

    void await(BooleanSupplier condition, Duration timeout, String otherwise) throws InterruptedException {
        final long deadlineNs = System.nanoTime() + timeout.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new AssertionError(
                    otherwise + " within " + timeout.toSeconds() + " s; they said:\n" + messages());
            }
            TimeUnit.MILLISECONDS.sleep(50); // what waits must not take the processors from what it waits for
        }
    }

    /** All lines of all outputs, sorted, as the course's tester compares them. */
    List<String> lines() {
        return lines(out());
    }

    /** The same of the run that does one thing after the other. */
    List<String> sequentially(Job job) {
        final Path expected = dir.resolve("expected");
        try {
            MapReduce.runSequentially(job.input(books()).output(expected));
            return lines(expected);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    static List<String> lines(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            final List<String> lines = new ArrayList<>();
            for (final Path file : files.filter(each -> each.getFileName().toString().startsWith("mr-out-")).toList()) {
                lines.addAll(Files.readAllLines(file).stream().filter(line -> !line.isEmpty()).toList());
            }
            lines.sort(null);
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Everything that the processes wrote, for a failed assertion. */
    String messages() {
        try (Stream<Path> files = Files.list(dir)) {
            final StringBuilder all = new StringBuilder();
            for (final Path file : files.filter(each -> each.toString().endsWith(".log")).sorted().toList()) {
                all.append("--- ").append(file.getFileName()).append('\n').append(Files.readString(file));
            }
            return all.toString();
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Override
    public void close() {
        if (coordination != null) {
            coordination.close();
        }
        for (final Process process : Stream.concat(workers.stream(), Arrays.stream(coordinators))
            .filter(each -> each != null).toList()) {
            process.destroyForcibly().onExit().join();
        }
        removeBuffers();
    }

    /** A coordinator that is killed keeps its buffers for its next start, of which there is none. */
    private void removeBuffers() {
        final Set<String> ends = IntStream.range(0, coordinators.length)
            .mapToObj(id -> "-" + id + "-" + (firstPort + 2 * id)).collect(Collectors.toSet());
        try (Stream<Path> all = Files.list(AeronConfig.defaultDirectoryBase())) {
            all.filter(each -> ends.stream().anyMatch(each.toString()::endsWith))
                .forEach(each -> IoUtil.delete(each.toFile(), true));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JobClient client() {
        if (coordination == null) {
            coordination = RemoteCoordination.open(List.of(links().split(",")), Duration.ofSeconds(40));
        }
        return new JobClient(coordination);
    }

    private Process start(String name, String main, List<String> arguments) throws IOException {
        final List<String> command = new ArrayList<>(List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx128m", "-ea",
            "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-XX:+IgnoreUnrecognizedVMOptions",
            "--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED",
            "--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED",
            "--add-opens", "java.base/java.lang.reflect=ALL-UNNAMED",
            "--add-exports", "java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-exports", "java.base/jdk.internal.ref=ALL-UNNAMED",
            "-cp", System.getProperty("java.class.path"), main));
        command.addAll(arguments);
        return new ProcessBuilder(command).redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(dir.resolve(name + ".log").toFile())).start();
    }

    /** Not that of another service that uses the same folders. */
    private Path data(int id) {
        return dir.resolve("c" + id + "-" + firstPort);
    }

    private String members() {
        return IntStream.range(0, coordinators.length).mapToObj(id -> id + "=" + HOST + ":" + (firstPort + 2 * id))
            .collect(Collectors.joining(","));
    }

    private String link(int id) {
        return HOST + ":" + (firstPort + 2 * coordinators.length + id);
    }

    private String links() {
        return IntStream.range(0, coordinators.length).mapToObj(this::link).collect(Collectors.joining(","));
    }

    /** Text of the length and mixture of real books, the same in every run. */
    static void writeBooks(Path dir) throws IOException {
        final SplittableRandom random = new SplittableRandom(1);
        for (final String book : BOOKS) {
            final StringBuilder text = new StringBuilder();
            final int words = 5_000 + random.nextInt(10_000);
            for (int i = 0; i < words; i++) {
                final int rank = (int) Math.exp(random.nextDouble() * Math.log(4_000));
                final String word = Integer.toString(rank * 7 + 11, 26).replaceAll("[0-9]", "e");
                text.append(random.nextInt(9) == 0 ? Character.toUpperCase(word.charAt(0)) + word.substring(1) : word)
                    .append(switch (random.nextInt(12)) {
                        case 0 -> ",\n";
                        case 1 -> "'s ";
                        case 2 -> "\u2014caf\u00e9 ";
                        default -> " ";
                    });
            }
            Files.writeString(dir.resolve("pg-" + book + ".txt"), text);
        }
    }
}
