package io.balsa.raft.testkit.mutants;

import java.util.ArrayList;
import java.util.List;

/**
 * One pitfall, planted.
 *
 * @param id      as in the catalogue of pitfalls; Balsa's own begin with B
 * @param topic   the file it is described in
 * @param title   the pitfall, in a line
 * @param story   what it breaks
 * @param source  where people fell into it
 * @param changes what to change in the product; none if it cannot be planted, the story then says why
 * @param killers the tests that must report it, each of them
 */
record Mutant(String id, String topic, String title, String story, String source, List<Change> changes,
              List<Killer> killers) {

    boolean isPlanted() {
        return !changes.isEmpty();
    }

    /**
     * Lines of one source file and what takes their place. Indentation does not count.
     *
     * @param file below the base package, such as {@code core/Election.java}
     */
    record Change(String file, List<String> before, List<String> after) {
        /** @throws IllegalStateException if the lines to change are not there exactly once */
        List<String> applyTo(List<String> source, String mutant) {
            int found = 0;
            int at = -1;
            for (int i = 0; i + before.size() <= source.size(); i++) {
                if (standsAt(i, source)) {
                    found++;
                    at = i;
                }
            }
            if (found != 1) {
                throw new IllegalStateException("mutant " + mutant + " no longer applies to " + file + ", where \""
                    + before.getFirst() + "\" and what follows is found " + found + " times: mend the mutant");
            }
            final List<String> changed = new ArrayList<>(source.subList(0, at));
            changed.addAll(after);
            changed.addAll(source.subList(at + before.size(), source.size()));
            return changed;
        }

        private boolean standsAt(int line, List<String> source) {
            for (int i = 0; i < before.size(); i++) {
                if (!source.get(line + i).strip().equals(before.get(i))) {
                    return false;
                }
            }
            return true;
        }
    }

    /**
     * A test.
     *
     * @param className below the base package, such as {@code core.ElectionTest}; a nested class after a {@code $}
     * @param seeds     how many seeds of the simulator it plays at most; 0 if it plays none
     */
    record Killer(String className, String method, int seeds) {
        @Override
        public String toString() {
            return className.substring(className.lastIndexOf('.') + 1).replace('$', '.') + '.' + method
                + (seeds > 0 ? ", seeds 1 to " + seeds : "");
        }
    }
}
