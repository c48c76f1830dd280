package io.balsa.raft;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

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

    /** How many of each kind. */
    synchronized Map<String, Long> counts() {
        return all.stream().collect(Collectors.groupingBy(answer -> answer, TreeMap::new, Collectors.counting()));
    }

    synchronized List<Integer> replies() {
        return List.copyOf(replies);
    }
}
