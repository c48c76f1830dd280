package io.balsa.mapreduce.coordinator;

import io.balsa.mapreduce.wire.Request.Claimant;

/**
 * One run of a task that is not known to have ended.
 *
 * @param number 1 for the task's first
 * @param claim  the number under which the slot asked
 */
record Attempt(int number, Claimant claimant, long claim) {
    long digest() {
        return Mix.of(number, Mix.of(claim, Mix.of(claimant.worker(), claimant.slot())));
    }
}
