package io.balsa.mapreduce;

import java.util.Map;
import java.util.Optional;

/**
 * Something else that runs the same jobs and leaves the same outputs, byte for byte. Found by
 * {@link java.util.ServiceLoader}, so that nothing needs to know which there are; {@code mr run --engine} chooses one
 * by its name.
 */
public interface Engine {
    /** What it is called on a command line. */
    String name();

    /** What it needs and does not find in this process, with what to do about it, in one line; empty if it can run. */
    Optional<String> missing();

    /**
     * Runs a job and publishes its outputs.
     *
     * @param settings the engine's own, by the names that it has for them
     * @throws InvalidJobException  one line, if the job asks for what this engine does not do
     * @throws JobFailedException   one line, if the job has failed; nothing was published
     * @throws InterruptedException if the calling thread was interrupted; the job was told to stop
     */
    JobResult run(JobSpec spec, Map<String, String> settings) throws JobFailedException, InterruptedException;
}
