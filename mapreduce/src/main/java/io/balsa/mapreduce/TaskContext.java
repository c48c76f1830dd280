package io.balsa.mapreduce;

import java.util.concurrent.Callable;

/** What a running task offers to the code of a job. For the thread that runs the task. */
public interface TaskContext {
    /** Returns the setting that the job was given under this name, or {@code otherwise}. */
    String option(String name, String otherwise);

    /** Adds to a counter of the job. Names that begin with {@code mr.} are the engine's. */
    void count(String name, long amount);

    /** Says that the task is alive although it reads and emits nothing; else it is given up after the job's timeout. */
    void progress();

    /**
     * Calls what may wait (sleep, network, a lock) and lets another task have this one's processor for that time.
     * Virtual threads are not time-sliced: a task that waits without saying so keeps a processor idle.
     *
     * @return what {@code call} returns
     * @throws Exception what {@code call} throws
     */
    <T> T blocking(Callable<T> call) throws Exception;
}
