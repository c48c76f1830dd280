package io.balsa.kv.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

import io.balsa.mmap.LogDump;
import io.balsa.mmap.LogStats;
import io.balsa.mmap.LogVerify;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks at a node's data without the node. Changes nothing. */
@Command(name = "log", description = "Looks at a node's data without the node; changes nothing.",
    subcommands = {LogCommand.Dump.class, LogCommand.Verify.class, LogCommand.Stats.class})
final class LogCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "one of dump, verify and stats is missing");
    }

    @Command(name = "dump", description = "Prints the vote and every record, one a line.")
    static final class Dump implements Callable<Integer> {
        @Parameters(paramLabel = "DIR", description = "a node's directory")
        private Path dir;

        @Override
        public Integer call() {
            LogDump.dump(dir, Results::line);
            return ExitCode.OK;
        }
    }

    @Command(name = "verify",
        description = "Checks what a start would check. Prints what is wrong, one a line, and ends with status 1, or "
            + "prints ok.")
    static final class Verify implements Callable<Integer> {
        @Parameters(paramLabel = "DIR", description = "a node's directory")
        private Path dir;

        @Override
        public Integer call() {
            final List<String> findings = LogVerify.verify(dir);
            findings.forEach(Results::line);
            if (findings.isEmpty()) {
                Results.line("ok");
            }
            return findings.isEmpty() ? ExitCode.OK : ExitCode.ABSENT;
        }
    }

    @Command(name = "stats", description = "Prints how many entries there are, in which terms, segments and bytes.")
    static final class Stats implements Callable<Integer> {
        @Parameters(paramLabel = "DIR", description = "a node's directory")
        private Path dir;

        @Override
        public Integer call() {
            LogStats.read(dir).lines().forEach(Results::line);
            return ExitCode.OK;
        }
    }
}
