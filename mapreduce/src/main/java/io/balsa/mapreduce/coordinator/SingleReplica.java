package io.balsa.mapreduce.coordinator;

import java.util.function.Consumer;

import io.balsa.mapreduce.wire.Answer;
import io.balsa.mapreduce.wire.Request;

/** State that lives and dies with this process, for jobs that need not outlive it: the same machine without a log. */
final class SingleReplica implements Replica {
    private static final Leadership LEADS = new Leadership(true, 1, "");

    private final JobStateMachine machine = new JobStateMachine();
    private long index;

    @Override
    public void propose(Request.Command command, Consumer<Answer> then) {
        then.accept(apply(command));
    }

    private synchronized Answer apply(Request.Command command) {
        return machine.apply(++index, command);
    }

    @Override
    public Jobs jobs() {
        return machine.jobs();
    }

    @Override
    public Leadership leadership() {
        return LEADS;
    }

    @Override
    public boolean isAlone() {
        return true;
    }

    @Override
    public void close() {
        // nothing is held
    }
}
