package io.balsa.mapreduce.task;

import java.util.concurrent.Callable;
import java.util.function.LongSupplier;

/**
 * What a worker gives to a task that it runs. The task calls it on its own thread, hundreds of times a second at most.
 */
public interface TaskControl {
    /** The task has read or emitted something since the last call. */
    void progress();

    /**
     * Tells where to see how far the task is, so that a task with few and slow records need not say so itself.
     *
     * @param steps a number that grows with each record that is read or written; any thread may ask
     */
    default void watch(LongSupplier steps) {
        // nobody watches
    }

    /** Whether the task should end with {@link TaskAborted} as soon as it can. */
    boolean cancelled();

    /**
     * Calls what may wait while another task has this one's processor.
     *
     * @return what {@code call} returns
     * @throws Exception what {@code call} throws
     */
    <T> T blocking(Callable<T> call) throws Exception;

    /** For a task that runs alone: never cancelled, keeps its processor. */
    TaskControl ALONE = new TaskControl() {
        @Override
        public void progress() {
        }

        @Override
        public boolean cancelled() {
            return false;
        }

        @Override
        public <T> T blocking(Callable<T> call) throws Exception {
            return call.call();
        }
    };
}
