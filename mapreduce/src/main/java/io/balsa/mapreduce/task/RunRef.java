package io.balsa.mapreduce.task;

/**
 * A sorted intermediate file: what one map task has for one reduce task.
 *
 * @param file  its name in the job's work directory, see {@link JobFiles}
 * @param bytes its length; 0 if there is nothing, and no file then
 * @param crc   CRC32C over its bytes' own checksums
 */
public record RunRef(String file, long bytes, int crc) {
}
