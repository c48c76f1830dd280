package io.balsa.kv.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Sizes as people write them: {@code 4096}, {@code 512KiB}, {@code 256MiB}, {@code 2GiB}. */
final class Sizes implements ITypeConverter<ByteSize> {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,15})(KiB|MiB|GiB)?");
    private static final ByteSize LARGEST = new ByteSize(1L << 50);

    @Override
    public ByteSize convert(String text) {
        final Matcher size = SIZE.matcher(text);
        if (!size.matches()) {
            throw new TypeConversionException("'" + text + "' is no size; write it like 4096, 512KiB, 256MiB or 2GiB");
        }
        final long amount = Long.parseLong(size.group(1));
        final int shift = switch (size.group(2)) {
            case "KiB" -> 10;
            case "MiB" -> 20;
            case "GiB" -> 30;
            case null, default -> 0;
        };
        if (amount > LARGEST.bytes() >> shift) {
            throw new TypeConversionException("'" + text + "' is more than a pebibyte; write a smaller size");
        }
        return new ByteSize(amount << shift);
    }
}
