package io.balsa.raft;

import java.util.ArrayList;
import java.util.List;

/** Keeps the answers in the order they came; any thread may look. */
final class Answers implements Completion<Integer> {
    private final List<String> all = new ArrayList<>();
    private final List<Integer> replies = new ArrayList<>();

    @Override
    public synchronized void onCommitted(long index, Integer reply) {
        all.add("committed");
        replies.add(reply);
    }

    @Override
    public synchronized void onRejected(Outcome.Reason reason, int leaderHint) {
        all.add("rejected " + reason);
    }

    @Override
    public synchronized void onIndeterminate(Outcome.Cause cause) {
        all.add("unknown " + cause);
    }

    synchronized List<String> all() {
        return List.copyOf(all);
    }

    synchronized List<Integer> replies() {
        return List.copyOf(replies);
    }
}
