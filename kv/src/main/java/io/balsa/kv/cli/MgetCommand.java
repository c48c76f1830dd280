package io.balsa.kv.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

import io.balsa.kv.KvClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "mget",
    description = "Prints the values of several keys as of one moment, one a line, an empty line for an absent key. "
        + "Ends with status 1 when any is absent.")
final class MgetCommand implements Callable<Integer> {
    private static final byte[] NOTHING = {};

    @Mixin
    private ClientOptions options;

    @Parameters(arity = "1..*", paramLabel = "KEY")
    private String[] keys;

    @Override
    public Integer call() {
        try (KvClient client = options.connect()) {
            final List<Optional<byte[]>> values = client.getAll(Arrays.stream(keys).map(Arguments::key).toList());
            values.forEach(value -> Results.line(value.orElse(NOTHING)));
            return values.stream().allMatch(Optional::isPresent) ? ExitCode.OK : ExitCode.ABSENT;
        }
    }
}
