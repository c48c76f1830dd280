package io.balsa.mapreduce.coordinator;

import java.util.function.Consumer;

import io.balsa.mapreduce.wire.Answer;
import io.balsa.mapreduce.wire.Request;

/** The replicated state beside a {@link Coordinator}. Any thread may call it; no call waits. */
interface Replica extends AutoCloseable {
    /**
     * Brings a command into the log.
     *
     * @param then told what applying it answered; or {@link Answer.NotLeader} when it may not have been applied, after
     *             which it may be tried again, here or elsewhere. On a thread that must not be held up
     */
    void propose(Request.Command command, Consumer<Answer> then);

    /** The state as applied here. It may lag behind what is committed. */
    Jobs jobs();

    /** As of a moment ago. */
    Leadership leadership();

    /** Whether there is no other replica that could serve in its place. */
    boolean isAlone();

    @Override
    void close();

    /**
     * Who leads.
     *
     * @param leads  whether that is this replica
     * @param term   of that leadership
     * @param leader where the leader is asked, empty if unknown
     */
    record Leadership(boolean leads, long term, String leader) {
    }
}
