package io.balsa.raft.testkit.linearizability;

import java.util.List;

/**
 * What all clients did and saw. {@link Recorder} makes one.
 *
 * @param operations in the order of their calls; those known not to have happened are not among them
 */
public record History<I, O>(List<Operation<I, O>> operations) {
    public History {
        operations = List.copyOf(operations);
        for (int i = 1; i < operations.size(); i++) {
            if (operations.get(i).called() <= operations.get(i - 1).called()) {
                throw new IllegalArgumentException("operation " + i + " is called at " + operations.get(i).called()
                    + ", the one before it at " + operations.get(i - 1).called() + "; give them in order of call");
            }
        }
    }

    public int size() {
        return operations.size();
    }
}
