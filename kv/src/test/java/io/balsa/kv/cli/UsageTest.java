package io.balsa.kv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A user's mistake is answered in one line on stderr, with nothing on stdout, and with status 2. */
@ResourceLock(Resources.SYSTEM_OUT)
@ResourceLock(Resources.SYSTEM_ERR)
final class UsageTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final PrintStream realOut = System.out;
    private final PrintStream realErr = System.err;
    @TempDir
    private Path dir;

    @BeforeEach
    void capture() {
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void release() {
        System.setOut(realOut);
        System.setErr(realErr);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "''                                                   | a command is missing",
        "fetch a                                              | fetch",
        "get                                                  | KEY",
        "put a                                                | VALUE",
        "put a b c                                            | 'c'",
        "get a --timeout 5                                    | '5' is no time; write it like 300ms, 5s or 2m",
        "get a --timeout 0s                                   | --timeout",
        "get a --timeout 999999999m                           | longer than a day",
        "get a --cluster 127.0.0.1                            | '127.0.0.1'",
        "get a --cluster 127.0.0.1:99999                      | 99999",
        "cas a b                                              | a key and two values are needed",
        "cas --absent a b c                                   | --absent takes a key and a value",
        "cas a - -                                            | standard input",
        "incr a one                                           | 'one'",
        "scan --limit -1                                      | --limit",
        "get a\uFFFDb                                         | UTF-8",
        "cluster                                              | --dir",
        "cluster --dir DIR --nodes 0                          | --nodes",
        "cluster --dir DIR --port 70000                       | --port",
        "node --id 0 --resp-port 7400 --dir DIR               | --members",
        "node --id 0 --members 0:9000 --resp-port 7400 --dir DIR | --members",
        "node --id 3 --members 0=127.0.0.1:9000 --resp-port 7400 --dir DIR | 3",
        "log                                                  | verify",
        "log verify                                           | DIR",
        "log stats                                            | DIR",
        "snapshot                                             | take",
        "snapshot list                                        | DIR",
        "snapshot verify a b                                  | 'b'",
        "snapshot take --at nowhere                           | 'nowhere'",
        "snapshot take --timeout 0s                           | --timeout",
        "snapshot take --now                                  | --now",
        "backup                                               | restore",
        "backup save                                          | FILE",
        "backup save f --at 1                                 | --at",
        "backup verify                                        | FILE",
        "backup restore f                                     | --cluster-name",
        "backup restore f --dir DIR --cluster-name n --id 1   | --members",
        "backup restore f --dir DIR --cluster-name n --nodes 0 | --nodes",
        "backup restore f --dir DIR --cluster-name n --founding 1 | --founding belongs to --id",
        "backup restore f --dir DIR --cluster-name n --founding x | 'x' is no number of 1 to 16",
        "node --id 0 --members 0=127.0.0.1:9000 --resp-port 7400 --dir DIR --log-segment 20MiB | segmentBytes",
        "cluster --dir DIR --snapshot-every 5M                | '5M' is no size; write it like",
        "cluster --dir DIR --keep-log 9999999GiB              | pebibyte",
        "node --id 0 --members 0=127.0.0.1:9000 --resp-port 7400 --dir DIR --log-segment 1KiB | logSegment",
        "node --id 0 --members 0=127.0.0.1:9000 --resp-port 7400 --dir DIR --disk-stall-timeout 1ms | diskStallTimeout",
        "node --id 0 --members 0=127.0.0.1:9000 --resp-port 7400 --dir DIR --cluster-id xyz | 'xyz' is no number",
        "node --id 0 --members 0=127.0.0.1:9000 --resp-port 7400 --dir DIR --bootstrap --rebuild | not both",
    })
    void aMistakeIsNamedInOneLine(String arguments, String named) {
        final String line = arguments.replace("DIR", dir.resolve("data").toString());
        assertEquals(ExitCode.USAGE, run(line.isEmpty() ? new String[0] : line.split(" ")), () -> errors());
        assertEquals(1, errors().lines().count(), () -> errors());
        assertTrue(errors().startsWith("balsa: ") && errors().contains(named), () -> errors());
        assertEquals("", out.toString(StandardCharsets.UTF_8));
        assertFalse(Files.exists(dir.resolve("data")), "nothing was changed");
    }

    @Test
    void helpIsAResultAndNoMistake() {
        assertEquals(ExitCode.OK, run("--help"));
        for (String command : List.of("node --help", "cluster -h", "put --help", "log dump --help",
            "snapshot take --help", "backup restore --help")) {
            assertEquals(ExitCode.OK, run(command.split(" ")), command);
        }
        final String help = out.toString(StandardCharsets.UTF_8);
        for (final String command : new String[] {"cluster", "node", "put", "get", "append", "delete", "cas", "incr",
            "scan", "status", "snapshot", "backup", "log"}) {
            assertTrue(help.contains(command), () -> "no " + command + " in " + help);
        }
        assertEquals("", errors());
    }

    @Test
    void aClusterThatIsNotThereIsUnavailable() {
        assertEquals(ExitCode.UNAVAILABLE, run("get", "a", "--cluster", "127.0.0.1:1", "--timeout", "300ms"));
        assertEquals(1, errors().lines().count(), () -> errors());
        assertEquals(ExitCode.UNAVAILABLE, run("put", "a", "b", "--cluster", "127.0.0.1:1", "--timeout", "300ms"));
        assertEquals(ExitCode.UNAVAILABLE, run("status", "--cluster", "127.0.0.1:1", "--timeout", "300ms"));
        assertEquals(ExitCode.UNAVAILABLE, run("snapshot", "take", "--at", "127.0.0.1:1", "--timeout", "300ms"));
        final Path file = dir.resolve("backup");
        assertEquals(ExitCode.UNAVAILABLE,
            run("backup", "save", file.toString(), "--cluster", "127.0.0.1:1", "--timeout", "300ms"));
        assertFalse(Files.exists(file));
    }

    @Test
    void whatIsNoBackupIsDamageAndWhatIsNotThereCannotBeRead() throws IOException {
        final Path file = Files.writeString(dir.resolve("file"), "not a backup, though it is long enough to be one");
        assertEquals(ExitCode.ABSENT, run("backup", "verify", file.toString()));
        assertTrue(out.toString(StandardCharsets.UTF_8).contains("file is damaged at offset 0"), () -> out.toString());
        assertEquals(ExitCode.FAILED, run("backup", "verify", dir.resolve("none").toString()));
        assertEquals(ExitCode.FAILED, run("snapshot", "list", dir.resolve("none").toString()));
        assertEquals(ExitCode.FAILED, run("log", "stats", dir.resolve("none").toString()));
    }

    @Test
    void damageIsAFindingOfEveryCommandThatLooksForItAndNoneOfANodeThatIsToRun() throws IOException {
        final Path file = Files.writeString(dir.resolve("file"), "not a backup, though it is long enough to be one");
        final String data = dir.resolve("data").toString();
        assertEquals(ExitCode.ABSENT,
            run("backup", "restore", file.toString(), "--dir", data, "--cluster-name", "new"));
        assertFalse(Files.exists(Path.of(data)));

        Files.writeString(Files.createDirectory(Path.of(data)).resolve("vote"), "nothing that a node wrote");
        assertEquals(ExitCode.ABSENT, run("log", "verify", data));
        assertEquals(ExitCode.ABSENT, run("log", "stats", data));
        assertEquals(ExitCode.ABSENT, run("log", "dump", data));
        assertEquals(ExitCode.ABSENT, run("snapshot", "list", data));
        assertEquals(ExitCode.FAILED, run("node", "--id", "0", "--members", "0=127.0.0.1:9000", "--resp-port", "0",
            "--dir", data));
    }

    private int run(String... arguments) {
        return Main.commandLine().execute(arguments);
    }

    private String errors() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
