package io.balsa.mapreduce.data;

import io.balsa.mapreduce.ByteReducer;
import io.balsa.mapreduce.JobCode;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.ReduceOutput;
import io.balsa.mapreduce.Reducer;

/** Gives groups to the job's reducer. */
final class Reducing {
    private Reducing() {
    }

    /** Makes the job's reducer, one of bytes in any case. */
    static ByteReducer reducer(JobCode code) {
        final Object reducer = code.reducer();
        return reducer instanceof Reducer<?, ?> typed
            ? TypedReducer.of(typed, code.keyCodec(), code.valueCodec()) : (ByteReducer) reducer;
    }

    /**
     * Returns how many groups there were.
     *
     * @throws Ending         if the reducer threw
     * @throws Groups.LostRun if the groups came to an unforeseen end
     */
    static long run(ByteReducer reducer, Groups groups, ReduceOutput output, TaskScope scope, JobSpec spec) {
        long count = 0;
        try {
            reducer.open(scope);
            while (groups.nextGroup()) {
                count++;
                scope.step();
                reducer.reduce(groups, output);
            }
            reducer.close(output);
        } catch (final Groups.LostRun e) {
            throw e;
        } catch (final Exception | StackOverflowError | LinkageError | AssertionError e) {
            throw scope.ending("reducer " + spec.classes().reducer(), e);
        }
        return count;
    }
}
