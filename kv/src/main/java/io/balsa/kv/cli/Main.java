package io.balsa.kv.cli;

import java.time.Duration;

import io.balsa.kv.KvException;
import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.RaftException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * Balsa from the shell. Results go to stdout, messages to stderr, and the exit status says how it ended, see
 * {@code balsa --help}.
 */
@Command(name = "balsa", mixinStandardHelpOptions = true, scope = ScopeType.INHERIT, version = "balsa 0.1.0-SNAPSHOT",
    description = "A replicated key/value store on Raft.",
    subcommands = {ClusterCommand.class, NodeCommand.class, PutCommand.class, GetCommand.class, MgetCommand.class,
        AppendCommand.class, DeleteCommand.class, CasCommand.class, IncrCommand.class, ScanCommand.class,
        StatusCommand.class, SnapshotCommand.class, BackupCommand.class, LogCommand.class, RehearseCommand.class},
    exitCodeListHeading = "Exit status:%n",
    exitCodeList = {"0:done", "1:absent, not equal, or damage found", "2:wrong command line or arguments",
        "3:no answer in time; the message says whether a write may have happened", "4:this machine cannot do it"})
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    /** Runs one command and ends the process with its exit status. */
    public static void main(String[] args) {
        // What the node itself has to say, such as how far a long recovery is, in one line like everything else.
        System.setProperty("java.util.logging.SimpleFormatter.format", "balsa: %5$s%n");
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main())
            .registerConverter(Duration.class, new Durations())
            .registerConverter(ByteSize.class, new Sizes())
            .setParameterExceptionHandler(Main::reportUsage)
            .setExecutionExceptionHandler((failure, command, parsed) -> report(failure))
            .setExitCodeExceptionMapper(failure -> ExitCode.FAILED); // what nobody foresaw is not "absent"
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    private static int report(Exception failure) throws Exception {
        final int status = switch (failure) {
            case UsageException mistake -> ExitCode.USAGE;
            case KvException.Refused refused -> ExitCode.USAGE;
            case KvException.Unavailable unavailable -> ExitCode.UNAVAILABLE;
            case KvException.Unknown unknown -> ExitCode.UNAVAILABLE;
            case LogCorruptException damage -> ExitCode.ABSENT;
            case RaftException trouble -> ExitCode.FAILED;
            default -> throw failure; // a mistake of ours: its stack trace is what helps
        };
        Messages.error(failure.getMessage());
        return status;
    }

    private static int reportUsage(ParameterException mistake, String[] args) {
        Messages.error(mistake.getMessage().lines().findFirst().orElse("wrong command line")
            + "; see '" + mistake.getCommandLine().getCommandSpec().qualifiedName() + " --help'");
        return ExitCode.USAGE;
    }
}
