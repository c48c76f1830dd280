package io.balsa.raft.core;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** One RPC or its results, as a test writes it, as a {@link Server} sends it, and as a line to read. */
sealed interface Message {
    /** In an answer: the newest round that the server it goes to has started. */
    long NEWEST_ROUND = Long.MIN_VALUE;
    /** In an answer: the current term of the server it goes to. */
    long ITS_TERM = Long.MIN_VALUE;

    void reach(Server server);

    static Message requestVote(int from, long term, long lastLogIndex, long lastLogTerm) {
        return new VoteRequest(from, term, lastLogIndex, lastLogTerm, false);
    }

    static Message requestPreVote(int from, long term, long lastLogIndex, long lastLogTerm) {
        return new VoteRequest(from, term, lastLogIndex, lastLogTerm, true);
    }

    static Message grant(int from, long term) {
        return new Vote(from, term, true, false);
    }

    static Message denial(int from, long term) {
        return new Vote(from, term, false, false);
    }

    static Message preGrant(int from, long term) {
        return new Vote(from, term, true, true);
    }

    static Message preDenial(int from, long term) {
        return new Vote(from, term, false, true);
    }

    /** A heartbeat, until it is given {@link Append#entries}. */
    static Append append(int from, long term) {
        return new Append(from, term, 1, 0, 0, 0);
    }

    /** Durable up to {@code matchIndex}, and nothing beyond. */
    static Success ack(int from, long matchIndex) {
        return ack(from, matchIndex, matchIndex);
    }

    static Success ack(int from, long matchIndex, long verifiedIndex) {
        return new Success(from, ITS_TERM, NEWEST_ROUND, matchIndex, verifiedIndex, true);
    }

    static Rejection refusal(int from, long prevLogIndex, long lastLogIndex, Runs runs) {
        return new Rejection(from, ITS_TERM, NEWEST_ROUND, prevLogIndex, lastLogIndex, runs, true);
    }

    /** Runs of terms, as pairs of term and first index. */
    static Runs runs(long... termsAndFirstIndexes) {
        return new Runs(termsAndFirstIndexes);
    }

    /** All of a snapshot, at once. */
    static Install install(int from, long term, long lastIncludedIndex, long lastIncludedTerm) {
        return new Install(from, term, lastIncludedIndex, lastIncludedTerm);
    }

    /** How far a snapshot has come is the shell's business; the term is the core's. */
    static Message snapshotAnswer(int from, long term) {
        return new InstallResult(from, term);
    }

    /** RequestVote RPC. */
    record VoteRequest(int from, long term, long lastLogIndex, long lastLogTerm, boolean preVote) implements Message {
        @Override
        public void reach(Server server) {
            server.core().onRequestVote(from, term, lastLogIndex, lastLogTerm, preVote, server.nowNs());
        }

        @Override
        public String toString() {
            return (preVote ? "request pre-vote" : "request vote") + ", term " + term + ", last " + lastLogIndex + '/'
                + lastLogTerm;
        }
    }

    /** RequestVote RPC, results. */
    record Vote(int from, long term, boolean granted, boolean preVote) implements Message {
        @Override
        public void reach(Server server) {
            server.core().onVote(from, term, granted, preVote, server.nowNs());
        }

        @Override
        public String toString() {
            return (preVote ? "pre-vote " : "vote ") + (granted ? "granted" : "denied") + ", term " + term;
        }
    }

    /** How far a server that is being rebuilt must have come. */
    record Readmission(int from, long term, long confirmedIndex) implements Message {
        @Override
        public void reach(Server server) {
            server.core().onReadmission(from, term, confirmedIndex, server.nowNs());
        }

        @Override
        public String toString() {
            return "readmission, term " + term + ", from " + confirmedIndex + " on";
        }
    }

    /** InstallSnapshot RPC. */
    record Install(int from, long term, long index, long lastTerm) implements Message {
        @Override
        public void reach(Server server) {
            server.receives(this);
        }

        @Override
        public String toString() {
            return "snapshot, term " + term + ", up to " + index + '/' + lastTerm;
        }
    }

    /** InstallSnapshot RPC, results. */
    record InstallResult(int from, long term) implements Message {
        @Override
        public void reach(Server server) {
            server.core().onSnapshotResult(from, term, server.nowNs());
        }

        @Override
        public String toString() {
            return "snapshot answer, term " + term;
        }
    }

    /** AppendEntries RPC. */
    @SuppressWarnings("ArrayRecordComponent") // messages are read, never compared
    record Append(int from, long term, long round, long prevLogIndex, long prevLogTerm, long leaderCommit,
                  long... entryTerms) implements Message {
        Append after(long index, long termThere) {
            return new Append(from, term, round, index, termThere, leaderCommit, entryTerms);
        }

        Append commit(long index) {
            return new Append(from, term, round, prevLogIndex, prevLogTerm, index, entryTerms);
        }

        Append entries(long... terms) {
            return new Append(from, term, round, prevLogIndex, prevLogTerm, leaderCommit, terms);
        }

        Append inRound(long aRound) {
            return new Append(from, term, aRound, prevLogIndex, prevLogTerm, leaderCommit, entryTerms);
        }

        @Override
        public void reach(Server server) {
            server.core().onAppendEntries(from, term, round, prevLogIndex, prevLogTerm, leaderCommit,
                new Batch(entryTerms), server.nowNs());
        }

        @Override
        public String toString() {
            final String shown = IntStream.range(0, entryTerms.length)
                .mapToObj(i -> (prevLogIndex + 1 + i) + "/" + entryTerms[i]).collect(Collectors.joining(" "));
            return "append, term " + term + ", prev " + prevLogIndex + '/' + prevLogTerm + ", commit " + leaderCommit
                + " [" + shown + ']';
        }
    }

    /** AppendEntries RPC, results: success. */
    record Success(int from, long term, long round, long matchIndex, long verifiedIndex, boolean voter)
        implements Message {
        Success inTerm(long aTerm) {
            return new Success(from, aTerm, round, matchIndex, verifiedIndex, voter);
        }

        Success inRound(long aRound) {
            return new Success(from, term, aRound, matchIndex, verifiedIndex, voter);
        }

        Success ofNonVoter() {
            return new Success(from, term, round, matchIndex, verifiedIndex, false);
        }

        @Override
        public void reach(Server server) {
            server.core().onAppendSuccess(from, server.termOr(term), server.roundOr(round), matchIndex, verifiedIndex,
                voter, server.nowNs());
        }

        @Override
        public String toString() {
            return "success, term " + term + ", match " + matchIndex + ", verified " + verifiedIndex;
        }
    }

    /** AppendEntries RPC, results: failure. */
    record Rejection(int from, long term, long round, long prevLogIndex, long lastLogIndex, Runs runs, boolean voter)
        implements Message {
        Rejection inTerm(long aTerm) {
            return new Rejection(from, aTerm, round, prevLogIndex, lastLogIndex, runs, voter);
        }

        Rejection inRound(long aRound) {
            return new Rejection(from, term, aRound, prevLogIndex, lastLogIndex, runs, voter);
        }

        Rejection ofNonVoter() {
            return new Rejection(from, term, round, prevLogIndex, lastLogIndex, runs, false);
        }

        @Override
        public void reach(Server server) {
            server.core().onAppendRejection(from, server.termOr(term), server.roundOr(round), prevLogIndex,
                lastLogIndex, runs, voter, server.nowNs());
        }

        @Override
        public String toString() {
            return "refusal, term " + term + ", prev " + prevLogIndex + ", last " + lastLogIndex + ", runs " + runs;
        }
    }

    /** Entries as terms. */
    @SuppressWarnings("ArrayRecordComponent") // messages are read, never compared
    record Batch(long... terms) implements EntryBatch {
        @Override
        public int count() {
            return terms.length;
        }

        @Override
        public long termAt(int offset) {
            return terms[offset];
        }
    }

    /** Pairs of term and first index. */
    @SuppressWarnings("ArrayRecordComponent") // messages are read, never compared
    record Runs(long... pairs) implements TermRuns {
        static Runs copyOf(TermRuns runs) {
            return new Runs(IntStream.range(0, runs.count())
                .mapToObj(run -> new long[] {runs.termOf(run), runs.firstIndexOf(run)})
                .flatMapToLong(Arrays::stream).toArray());
        }

        @Override
        public int count() {
            return pairs.length / 2;
        }

        @Override
        public long termOf(int run) {
            return pairs[2 * run];
        }

        @Override
        public long firstIndexOf(int run) {
            return pairs[2 * run + 1];
        }

        @Override
        public String toString() {
            return IntStream.range(0, count()).mapToObj(run -> termOf(run) + "@" + firstIndexOf(run))
                .collect(Collectors.joining(" ", "[", "]"));
        }
    }
}
