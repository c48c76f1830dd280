package io.balsa.mapreduce.data;

import io.balsa.mapreduce.InvalidJobException;
import io.balsa.mapreduce.JobCode;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.task.MapResult;
import io.balsa.mapreduce.task.MapTask;
import io.balsa.mapreduce.task.ReduceResult;
import io.balsa.mapreduce.task.ReduceTask;
import io.balsa.mapreduce.task.TaskControl;
import io.balsa.mapreduce.task.TaskException;
import io.balsa.mapreduce.task.TaskFailed;
import io.balsa.mapreduce.task.TaskRunner;

/** Runs tasks on files. */
public final class Tasks implements TaskRunner {
    @Override
    public MapResult runMap(MapTask task, TaskControl control) throws TaskException {
        try (JobCode code = load(task.spec())) {
            return new MapRun(task, control).run(code);
        }
    }

    @Override
    public ReduceResult runReduce(ReduceTask task, TaskControl control) throws TaskException {
        try (JobCode code = load(task.spec())) {
            return new ReduceRun(task, control).run(code);
        }
    }

    private static JobCode load(JobSpec spec) throws TaskFailed {
        try {
            return JobCode.load(spec);
        } catch (final InvalidJobException e) {
            throw new TaskFailed(e.getMessage(), e);
        }
    }
}
