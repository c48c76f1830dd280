package io.balsa.mapreduce.task;

/**
 * What a reduce task wrote, durable under its attempt's own name, for the coordination to publish.
 *
 * @param name      what it is to be called in the job's output directory
 * @param temporary what it is called there now
 * @param bytes     its length
 */
public record OutputFile(String name, String temporary, long bytes) {
}
