package io.balsa.raft.testkit;

/**
 * What happened in a run that broke nothing.
 *
 * @param virtualNs     how long the run lasted for its nodes
 * @param recoveryNs    how long after the last fault the group took to commit a new command and converge
 * @param faults        strikes from outside, lost frames not included
 * @param indeterminate commands whose clients were never told, or told that it is not known
 * @param fingerprint   digest of every frame sent and when: equal for two runs of one seed
 */
public record SimReport(long seed, int nodes, long events, long virtualNs, long recoveryNs, long elections, long faults,
                        long framesSent, long framesLost, long committed, long acknowledged, long rejected,
                        long indeterminate, long reads, long readsRefused, long fingerprint) {
}
