package io.balsa.kv.cli;

/** A size as an option gives it. */
record ByteSize(long bytes) {
    /** As {@link Sizes} reads it. */
    @Override
    public String toString() {
        return bytes % (1 << 20) == 0 && bytes > 0 ? (bytes >> 20) + "MiB" : Long.toString(bytes);
    }
}
