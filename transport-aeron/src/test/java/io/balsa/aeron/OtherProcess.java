package io.balsa.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A process with a link that answers what it is asked. */
final class OtherProcess implements AutoCloseable {
    private final Path base;
    private final Process process;
    private final Endpoint address;

    OtherProcess(Path base) throws IOException {
        this.base = base;
        final List<String> command = new ArrayList<>(List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m", "-XX:TieredStopAtLevel=1",
            "-XX:+IgnoreUnrecognizedVMOptions", "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED", "--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED",
            "-cp", System.getProperty("java.class.path"), OtherProcess.class.getName(), base.toString()));
        process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        address = Endpoint.parse(process.inputReader(StandardCharsets.UTF_8).readLine());
    }

    /** The process itself: says where its link is, and ends when nobody reads that any more. */
    public static void main(String[] args) throws IOException {
        try (RequestLink link = RequestLink.open("127.0.0.1", RequestLink.ANY_PORT, Path.of(args[0]),
                (request, reply) -> reply.send(request));
             BufferedReader end = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            System.out.println(link.address());
            end.readLine();
        }
    }

    Endpoint address() {
        return address;
    }

    /** How many files and folders under the base are this process's. */
    long files() throws IOException {
        try (Stream<Path> all = Files.list(base)) {
            return all.filter(each -> each.getFileName().toString().contains("-" + process.pid() + "-")).count();
        }
    }

    void signal(String name) throws IOException, InterruptedException {
        assertEquals(0, new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor());
    }

    void awaitEnd() throws InterruptedException {
        process.waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
