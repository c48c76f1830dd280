package io.balsa.mapreduce.wire;

/**
 * What one map wrote for one reduce.
 *
 * @param attempt of the map: part of the file's name
 */
public record Run(int attempt, long bytes, int crc) {
}
