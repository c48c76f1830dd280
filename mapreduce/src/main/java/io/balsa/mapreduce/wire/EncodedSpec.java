package io.balsa.mapreduce.wire;

import java.util.Arrays;

import io.balsa.mapreduce.InvalidJobException;
import io.balsa.mapreduce.JobSpec;

/**
 * A job's specification as bytes. Only who runs it or names its files looks inside: the replicated state stays readable
 * where a later version writes specifications otherwise.
 */
public final class EncodedSpec {
    private final byte[] bytes;

    /** @param bytes what {@link JobSpec#encode} made; must not change */
    public EncodedSpec(byte[] bytes) {
        this.bytes = bytes;
    }

    public static EncodedSpec of(JobSpec spec) {
        return new EncodedSpec(spec.encode());
    }

    /** Not to be changed. */
    public byte[] bytes() {
        return bytes;
    }

    /**
     * Reads it.
     *
     * @throws InvalidJobException if this version cannot
     */
    public JobSpec decode() {
        return JobSpec.decode(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EncodedSpec same && Arrays.equals(bytes, same.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }
}
