package io.balsa.raft.testkit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

import io.balsa.raft.Completion;
import io.balsa.raft.Outcome;
import io.balsa.raft.testkit.LabGroup.Started;

/** The commands that simulated servers have accepted and not yet put into their logs, oldest first. */
final class LabOffers<R> {
    private final List<Queue<Offer>> waiting = new ArrayList<>();
    private final Scripts scripts;

    LabOffers(int servers, Scripts scripts) {
        this.scripts = scripts;
        for (int server = 0; server < servers; server++) {
            waiting.add(new ArrayDeque<>());
        }
    }

    Offer of(Completion<R> completion) {
        return new Offer(completion);
    }

    /** An offer of somebody who looks for the commit in what is applied, as the labs do. */
    Offer unheard() {
        return new Offer(new Forgotten<>());
    }

    void accepted(int server, Offer offer) {
        waiting.get(server).add(offer);
    }

    /** A leader appends what it was offered, in the order it came. */
    void appended(int server, Started started) {
        waiting.get(server).remove().answer(started);
    }

    /** The server's process has ended. */
    void lost(int server) {
        waiting.get(server).forEach(offer -> offer.answer(Started.REFUSED));
        waiting.get(server).clear();
    }

    /** A command on its way into a server's log, and on to whoever offered it. */
    final class Offer implements Completion<R> {
        private final Completion<R> completion;
        private final Scripts.Gate answered = scripts.gate();
        private Started answer;

        private Offer(Completion<R> completion) {
            this.completion = completion;
        }

        private void answer(Started started) {
            answer = started;
            answered.open();
        }

        boolean isAnsweredWithin(long ns) {
            return answered.await(ns);
        }

        Started answer() {
            return answer;
        }

        @Override
        public void onCommitted(long index, R reply) {
            completion.onCommitted(index, reply);
        }

        @Override
        public void onRejected(Outcome.Reason reason, int leaderHint) {
            waiting.forEach(queue -> queue.remove(this));
            answer(Started.REFUSED);
            completion.onRejected(reason, leaderHint);
        }

        @Override
        public void onIndeterminate(Outcome.Cause cause) {
            completion.onIndeterminate(cause);
        }
    }

    private static final class Forgotten<R> implements Completion<R> {
        @Override
        public void onCommitted(long index, R reply) {
        }

        @Override
        public void onRejected(Outcome.Reason reason, int leaderHint) {
        }

        @Override
        public void onIndeterminate(Outcome.Cause cause) {
        }
    }
}
