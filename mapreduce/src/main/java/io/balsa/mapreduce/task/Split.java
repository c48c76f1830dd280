package io.balsa.mapreduce.task;

/**
 * A part of the input that one map task reads: the lines that begin at {@code from} or behind it and before {@code to},
 * or the whole file.
 *
 * @param file an absolute path
 * @param from the first byte
 * @param to   behind the last byte; of a file that is read whole the length it had when the job was submitted
 */
public record Split(String file, long from, long to) {
    public long length() {
        return to - from;
    }
}
