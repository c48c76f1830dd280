package io.balsa.kv.cli;

import java.util.Iterator;
import java.util.concurrent.Callable;

import io.balsa.kv.KvClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "scan",
    description = "Prints the keys that start with a prefix, in the order of their bytes, one a line.")
final class ScanCommand implements Callable<Integer> {
    @Mixin
    private ClientOptions options;

    @Option(names = "--limit", paramLabel = "N", description = "print at most N keys (default: all)")
    private long limit = Long.MAX_VALUE;

    @Parameters(paramLabel = "PREFIX", defaultValue = "", description = "default: every key")
    private String prefix;

    @Override
    public Integer call() {
        if (limit < 0) {
            throw new UsageException("--limit: 0 or more, not " + limit);
        }
        try (KvClient client = options.connect()) {
            final Iterator<byte[]> keys = client.keys(Arguments.key(prefix)).iterator();
            for (long printed = 0; printed < limit && keys.hasNext(); printed++) {
                Results.line(keys.next());
            }
            return ExitCode.OK;
        }
    }
}
