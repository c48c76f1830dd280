package io.balsa.kv.cli;

import java.util.concurrent.Callable;

import io.balsa.kv.KvClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "cas",
    customSynopsis = {"balsa cas [OPTIONS] KEY EXPECTED VALUE", "balsa cas [OPTIONS] --absent KEY VALUE"},
    description = "Sets a key to a value if it now has the expected one, or with --absent if it has none; else changes "
        + "nothing and ends with status 1.")
final class CasCommand implements Callable<Integer> {
    @Mixin
    private ClientOptions options;

    @Option(names = "--absent", description = "expect that there is no such key")
    private boolean absent;

    @Parameters(arity = "2..3", paramLabel = "KEY [EXPECTED] VALUE",
        description = "one of the values may be -, the bytes of standard input")
    private String[] arguments;

    @Override
    public Integer call() {
        if (arguments.length != (absent ? 2 : 3)) {
            throw new UsageException(absent ? "--absent takes a key and a value" : "a key and two values are needed");
        }
        if (!absent && Arguments.isFromStdin(arguments[1]) && Arguments.isFromStdin(arguments[2])) {
            throw new UsageException("only one of the values can be standard input");
        }
        final byte[] key = Arguments.key(arguments[0]);
        final byte[] value = Arguments.value(arguments[arguments.length - 1]);
        try (KvClient client = options.connect()) {
            final boolean done = absent
                ? client.setIfAbsent(key, value)
                : client.compareAndSet(key, Arguments.value(arguments[1]), value);
            return done ? ExitCode.OK : ExitCode.ABSENT;
        }
    }
}
