package io.balsa.kv.cli;

import java.util.concurrent.Callable;

import io.balsa.kv.KvClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "put", description = "Sets a key to a value.")
final class PutCommand implements Callable<Integer> {
    @Mixin
    private ClientOptions options;

    @Parameters(paramLabel = "KEY")
    private String key;

    @Parameters(paramLabel = "VALUE", description = "- takes the bytes of standard input")
    private String value;

    @Override
    public Integer call() {
        try (KvClient client = options.connect()) {
            client.set(Arguments.key(key), Arguments.value(value));
            return ExitCode.OK;
        }
    }
}
