package io.balsa.mapreduce;

import java.util.Map;

/** A job that can be asked for by the name of a class: what {@code mr run} and {@code mr submit} take. */
public interface JobDefinition {
    /**
     * Describes the job, all but input, output and what the command line decides.
     *
     * @param options the settings from the command line; they become the job's {@link JobSpec#options} as well
     */
    Job define(Map<String, String> options);
}
