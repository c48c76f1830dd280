package io.balsa.mapreduce;

import java.nio.file.Path;
import java.util.List;

import io.balsa.mapreduce.task.SkippedRecord;

/**
 * What a job came to.
 *
 * @param outputs    the published files, {@code mr-out-0} first, then named ones
 * @param recordsIn  records that mappers were given
 * @param recordsOut pairs that mappers emitted
 * @param skipped    records that were left out, see {@link Job#skipRecords}
 */
public record JobResult(List<Path> outputs, Counters counters, long recordsIn, long recordsOut,
                        List<SkippedRecord> skipped) {
    public JobResult {
        outputs = List.copyOf(outputs);
        skipped = List.copyOf(skipped);
    }
}
