package io.balsa.kv.cli;

import java.util.concurrent.Callable;

import io.balsa.kv.KvClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "incr", description = "Adds to a decimal number, an absent one being 0, and prints the sum.")
final class IncrCommand implements Callable<Integer> {
    @Mixin
    private ClientOptions options;

    @Parameters(paramLabel = "KEY")
    private String key;

    @Parameters(paramLabel = "BY", defaultValue = "1", description = "default: ${DEFAULT-VALUE}; after -- if negative")
    private long by;

    @Override
    public Integer call() {
        try (KvClient client = options.connect()) {
            Results.line(Long.toString(client.increment(Arguments.key(key), by)));
            return ExitCode.OK;
        }
    }
}
