package io.balsa.kv.cli;

import java.util.concurrent.Callable;

import io.balsa.kv.KvClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "delete", description = "Removes a key.")
final class DeleteCommand implements Callable<Integer> {
    @Mixin
    private ClientOptions options;

    @Parameters(paramLabel = "KEY")
    private String key;

    @Override
    public Integer call() {
        try (KvClient client = options.connect()) {
            return client.delete(Arguments.key(key)) ? ExitCode.OK : ExitCode.ABSENT;
        }
    }
}
