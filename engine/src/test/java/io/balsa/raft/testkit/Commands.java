package io.balsa.raft.testkit;

import java.util.random.RandomGenerator;

/** Where the simulated clients get their commands from. */
@FunctionalInterface
public interface Commands {
    /**
     * Makes one command.
     *
     * @param random    the only source of chance there may be
     * @param number    counts the commands of a run: make each command unlike the others where that is possible, since
     *                  the checks tell commands apart by their bytes
     * @param maxLength in bytes
     */
    byte[] next(RandomGenerator random, long number, int maxLength);
}
