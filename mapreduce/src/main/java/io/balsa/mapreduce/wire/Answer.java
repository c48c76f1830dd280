package io.balsa.mapreduce.wire;

import java.util.List;

import io.balsa.mapreduce.task.Split;

/** What a coordinator answers. */
public sealed interface Answer {
    /** To {@link Request.Claim}: run this map. */
    record RunMap(AttemptId attempt, JobFlags flags, EncodedSpec spec, Split split) implements Answer {
    }

    /** To {@link Request.Claim}: run this reduce, over one run of each map. */
    record RunReduce(AttemptId attempt, JobFlags flags, EncodedSpec spec, List<Run> runs) implements Answer {
    }

    /**
     * To {@link Request.Claim}: no task now.
     *
     * @param pauseMs ask again after this
     * @param ended   there will never be one again: the service ends
     */
    record Nothing(int pauseMs, boolean ended) implements Answer {
    }

    /** To what was reported; and to a claim that it is {@link #STALE}. */
    enum Heard implements Answer {
        /** It counts, now or since it was said before. */
        ACCEPTED,
        /**
         * It is about something that has ended otherwise; files that belong to it may go. A claim's number was given a
         * task that has ended, and will be given no other: ask under the next one.
         */
        STALE
    }

    /** It cannot be, for the reason told in one line. */
    record Refused(String message) implements Answer {
    }

    /** Nothing was done: ask over there, or somebody else if the address is empty. */
    record NotLeader(String leader) implements Answer {
    }

    /** To {@link Request.Renew}: nobody wants these any more. */
    record Renewed(List<AttemptId> stop) implements Answer {
    }

    /** To {@link Request.Look}: oldest first. */
    record Seen(List<JobStatus> jobs) implements Answer {
    }
}
