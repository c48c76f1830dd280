package io.balsa.kv.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A number as {@code status} and {@code backup restore} show it: 1 to 16 hexadecimal digits. */
final class Hexadecimal implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
        try {
            return Long.parseUnsignedLong(text, 16);
        } catch (NumberFormatException e) {
            throw new TypeConversionException("'" + text + "' is no number of 1 to 16 hexadecimal digits; copy it "
                + "from where it was printed");
        }
    }
}
