package io.balsa.raft;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;

import org.HdrHistogram.Histogram;

/**
 * Where the microseconds of a commit go. One command at a time is followed on its way, and the next one that is offered
 * once its way has ended: that costs a few looks at the clock for each, none for the commands in between, and no
 * allocation. Figures are of windows of ten seconds, or since a {@link #restart}; belongs to the loop, except where it
 * says otherwise.
 */
final class Stages {
    private static final long WINDOW_NS = 10_000_000_000L;
    private static final long LONGEST_NS = 60_000_000_000L;
    private static final int DIGITS = 2;
    private static final long NOT_YET = -1;

    /** The stages, in the order of a command's way. */
    enum Stage {
        /** From the caller to the loop. */
        QUEUE,
        /** Into the log's memory, and to the network. */
        SEND,
        /** From the append until this server's own disk has it: beside the quorum, not before it. */
        FORCE,
        /** From the append until it is committed. */
        COMMIT,
        /** From there until the state machine has executed it. */
        APPLY,
        /** Telling the caller. */
        ANSWER,
        /** From the caller to the caller. */
        TOTAL,
        /** On a follower, from an entry's arrival until its disk has it. */
        FOLLOWER_FORCE
    }

    private final LongSupplier clock;
    private final Histogram[] filling = histograms();
    private final Histogram[] shown = histograms();
    private long windowNs;

    private volatile boolean wanting = true;
    private volatile boolean restarting;
    private long index;
    private boolean follower;
    private long offeredNs;
    private long appendedNs;
    private long sentNs;
    private long forcedNs;
    private long committedNs;
    private boolean answered;

    /** @param clock of the node, in nanoseconds */
    Stages(LongSupplier clock) {
        this.clock = clock;
    }

    private static Histogram[] histograms() {
        final Histogram[] each = new Histogram[Stage.values().length];
        for (int i = 0; i < each.length; i++) {
            each[i] = new Histogram(LONGEST_NS, DIGITS);
        }
        return each;
    }

    /** The time if the command that is offered now may be followed, else {@link #NOT_YET}. Any thread. */
    long stamp() {
        return wanting ? clock.getAsLong() : NOT_YET;
    }

    /** A command that was offered at {@code stamp} has been appended. */
    void appended(long atIndex, long stamp) {
        if (index == 0 && stamp != NOT_YET) {
            follow(atIndex, false);
            offeredNs = stamp;
            record(Stage.QUEUE, appendedNs - stamp);
        }
    }

    /** An entry that a leader sent has been appended. */
    void received(long atIndex) {
        if (index == 0) {
            follow(atIndex, true);
        }
    }

    private void follow(long atIndex, boolean sentByLeader) {
        wanting = false;
        index = atIndex;
        follower = sentByLeader;
        appendedNs = clock.getAsLong();
        sentNs = NOT_YET;
        forcedNs = NOT_YET;
        committedNs = NOT_YET;
        answered = false;
    }

    /** What was appended in this cycle is on its way. */
    void sent() {
        if (index != 0 && !follower && sentNs == NOT_YET) {
            sentNs = clock.getAsLong();
            record(Stage.SEND, sentNs - appendedNs);
        }
    }

    /** This server's disk has everything up to here. */
    void forced(long persistedIndex) {
        if (index != 0 && forcedNs == NOT_YET && persistedIndex >= index) {
            forcedNs = clock.getAsLong();
            record(follower ? Stage.FOLLOWER_FORCE : Stage.FORCE, forcedNs - appendedNs);
            if (follower || answered) {
                end();
            }
        }
    }

    void committed(long commitIndex) {
        if (index != 0 && !follower && committedNs == NOT_YET && commitIndex >= index) {
            committedNs = clock.getAsLong();
            record(Stage.COMMIT, committedNs - appendedNs);
        }
    }

    /** Whether the command at this index is followed: then its caller is told between {@link #applied} and the next. */
    boolean follows(long atIndex) {
        return atIndex == index && !follower;
    }

    /** @return when that was, to be handed to {@link #answered} */
    long applied() {
        final long nowNs = clock.getAsLong();
        record(Stage.APPLY, nowNs - committedNs);
        return nowNs;
    }

    void answered(long appliedNs) {
        final long nowNs = clock.getAsLong();
        record(Stage.ANSWER, nowNs - appliedNs);
        record(Stage.TOTAL, nowNs - offeredNs);
        answered = true;
        if (forcedNs != NOT_YET) {
            end();
        }
    }

    /** Nobody leads any more, or another does: what was followed may never end. */
    void end() {
        index = 0;
        wanting = true;
    }

    private void record(Stage stage, long tookNs) {
        filling[stage.ordinal()].recordValue(Math.clamp(tookNs, 0, LONGEST_NS));
    }

    /** Once in a while, with the cycle's time. */
    void roll(long nowNs) {
        if (restarting) {
            restarting = false;
            windowNs = nowNs;
            for (int i = 0; i < filling.length; i++) {
                filling[i].reset();
                shown[i].reset();
            }
        } else if (nowNs - windowNs >= WINDOW_NS) {
            windowNs = nowNs;
            for (int i = 0; i < filling.length; i++) {
                final Histogram over = filling[i];
                filling[i] = shown[i];
                filling[i].reset();
                shown[i] = over;
            }
        }
    }

    /** Forgets what was seen so far, soon. Any thread. */
    void restart() {
        restarting = true;
    }

    /** Of the last window that is over, or of the present one while there is none; without stages that saw nothing. */
    List<RaftStatus.Stage> status() {
        final List<RaftStatus.Stage> stages = new ArrayList<>();
        for (final Stage stage : Stage.values()) {
            final Histogram over = shown[stage.ordinal()];
            final Histogram of = over.getTotalCount() > 0 ? over : filling[stage.ordinal()];
            if (of.getTotalCount() > 0) {
                stages.add(new RaftStatus.Stage(stage.name().toLowerCase(Locale.ROOT), of.getTotalCount(),
                    of.getValueAtPercentile(50), of.getValueAtPercentile(99), of.getMaxValue()));
            }
        }
        return stages;
    }
}
