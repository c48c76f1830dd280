package io.balsa.mapreduce.task;

/**
 * A record that was left out because the mapper threw.
 *
 * @param reason one line
 */
public record SkippedRecord(String file, long position, String reason) {
    @Override
    public String toString() {
        return file + ":" + position + ": " + reason;
    }
}
