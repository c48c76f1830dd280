package io.balsa.kv.cli;

import java.util.Optional;
import java.util.concurrent.Callable;

import io.balsa.kv.KvClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "get", description = "Prints the value of a key, as it is, and a newline.")
final class GetCommand implements Callable<Integer> {
    @Mixin
    private ClientOptions options;

    @Parameters(paramLabel = "KEY")
    private String key;

    @Override
    public Integer call() {
        try (KvClient client = options.connect()) {
            final Optional<byte[]> value = client.get(Arguments.key(key));
            value.ifPresent(Results::line);
            return value.isPresent() ? ExitCode.OK : ExitCode.ABSENT;
        }
    }
}
