package io.balsa.kv.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import io.balsa.kv.KvNode.Options;
import io.balsa.raft.spi.Durability;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** When a write counts, and what to do where too many of those that counted may be lost. */
final class DurabilityOptions {
    private static final String UNSAFE_RECOVER = "--unsafe-recover";

    @Option(names = "--durability", paramLabel = "MODE", converter = Name.class,
        description = "when a write counts: forced (to the disks of a majority) or memory-quorum (in the memory of a "
            + "majority, the force follows); the same on every node, chosen when its directory is made (default: "
            + "forced)")
    private Durability durability;

    @Option(names = UNSAFE_RECOVER,
        description = "with memory-quorum, when too many nodes ended at once without a clean stop: go on with the "
            + "longest log that is left. Writes that were acknowledged and that no disk kept are lost. For one start "
            + "of all nodes")
    private boolean unsafeRecover;

    Options addTo(Options options) {
        final Options chosen = options.withUnsafeRecovery(unsafeRecover);
        return durability == null ? chosen : chosen.withDurability(durability);
    }

    /** The same options for another process. */
    List<String> asArguments() {
        final List<String> arguments = new ArrayList<>();
        if (durability != null) {
            arguments.addAll(List.of("--durability", Name.of(durability)));
        }
        if (unsafeRecover) {
            arguments.add(UNSAFE_RECOVER);
        }
        return arguments;
    }

    /** As it is typed. */
    private static final class Name implements ITypeConverter<Durability> {
        static String of(Durability durability) {
            return durability.name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        @Override
        public Durability convert(String text) {
            return Arrays.stream(Durability.values()).filter(one -> of(one).equals(text)).findFirst()
                .orElseThrow(() -> new TypeConversionException("'" + text + "' is none of "
                    + Arrays.stream(Durability.values()).map(Name::of).collect(Collectors.joining(", "))));
        }
    }
}
