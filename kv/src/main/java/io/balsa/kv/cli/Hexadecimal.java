package io.balsa.kv.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The id of a cluster as {@code status} shows it: 1 to 16 hexadecimal digits. */
final class Hexadecimal implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
        try {
            return Long.parseUnsignedLong(text, 16);
        } catch (NumberFormatException e) {
            throw new TypeConversionException("'" + text + "' is no cluster id; copy it from 'balsa status --json'");
        }
    }
}
