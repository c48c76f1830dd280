package io.balsa.mapreduce.cli;

import io.balsa.mapreduce.InvalidJobException;
import io.balsa.mapreduce.wire.CoordinatorUnavailable;
import io.balsa.raft.spi.RaftException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Jobs from the shell. Results go to stdout, messages and progress to stderr. */
@Command(name = "mr", mixinStandardHelpOptions = true, scope = ScopeType.INHERIT, version = "mr 0.1.0-SNAPSHOT",
    description = "MapReduce, on this machine alone or on a service that survives its coordinator.",
    subcommands = {RunCommand.class, CoordinatorCommand.class, WorkerCommand.class, SubmitCommand.class,
        StatusCommand.class, CancelCommand.class},
    exitCodeListHeading = "Exit status:%n",
    exitCodeList = {"0:done", "1:the job has failed or was cancelled", "2:wrong command line or job",
        "3:no coordinator answered in time", "4:this machine cannot do it"})
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    /** Runs one command and ends the process with its exit status. */
    public static void main(String[] args) {
        System.setProperty("java.util.logging.SimpleFormatter.format", "mr: %5$s%n"); // one line, like all messages
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main())
            .setParameterExceptionHandler(Main::onMistake)
            .setExecutionExceptionHandler((failure, command, parsed) -> statusOf(failure))
            .setExitCodeExceptionMapper(unforeseen -> ExitCode.FAILED);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /** A message on stderr. */
    static void say(String message) {
        System.err.println("mr: " + message);
    }

    private static int statusOf(Exception failure) throws Exception {
        final int status = switch (failure) {
            case InvalidJobException mistake -> ExitCode.USAGE;
            case IllegalArgumentException mistake -> ExitCode.USAGE;
            case CoordinatorUnavailable nobody -> ExitCode.UNAVAILABLE;
            case RaftException trouble -> ExitCode.FAILED;
            default -> throw failure; // nobody foresaw it: the stack trace is what helps
        };
        say(String.valueOf(failure.getMessage()).lines().findFirst().orElse("no reason was given"));
        return status;
    }

    private static int onMistake(ParameterException mistake, String[] args) {
        final String what = String.valueOf(mistake.getMessage()).lines().findFirst().orElse("wrong command line");
        say(what + "; '" + mistake.getCommandLine().getCommandSpec().qualifiedName() + " --help' tells more");
        return ExitCode.USAGE;
    }
}
