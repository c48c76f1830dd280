package io.balsa.mapreduce;

import java.nio.charset.StandardCharsets;

/** A record of the input, lying in a buffer of its reader: see {@link InputFormat} for what it is. */
public final class InputRecord {
    private String file = "";
    private long position;
    private byte[] array = {};
    private int offset;
    private int length;

    /**
     * Points this to {@code length} bytes of {@code array} that lie at {@code position} of the unpacked {@code file}.
     */
    public InputRecord wrap(String file, long position, byte[] array, int offset, int length) {
        this.file = file;
        this.position = position;
        this.array = array;
        this.offset = offset;
        this.length = length;
        return this;
    }

    /** The file's path as the job's split names it. */
    public String file() {
        return file;
    }

    /** Where in the file, unpacked if need be, the record begins. */
    public long position() {
        return position;
    }

    /** The buffer; what is outside {@link #offset} and {@link #length} is not the record's. */
    public byte[] array() {
        return array;
    }

    public int offset() {
        return offset;
    }

    public int length() {
        return length;
    }

    /** Decodes the record as UTF-8, anew with each call. */
    public String text() {
        return new String(array, offset, length, StandardCharsets.UTF_8);
    }
}
