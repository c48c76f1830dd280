package io.balsa.raft.testkit;

/**
 * What happened in a run that broke nothing.
 *
 * @param virtualNs     how long the run lasted for its nodes
 * @param recoveryNs    how long after the last fault the group took to commit a new command and converge
 * @param faults        strikes from outside, lost frames not included
 * @param indeterminate commands whose clients were never told, or told that it is not known
 * @param snapshots     how many were taken, on all nodes
 * @param installed     how many came from another node, whole
 * @param goneOn        how often a transfer went on behind its first byte after something was lost
 * @param handedOver    how often a new leader went on with a transfer that another one had begun
 * @param cutShort      how many were on their way in when their process ended
 * @param fingerprint   digest of every frame sent and when: equal for two runs of one seed
 */
public record SimReport(long seed, int nodes, long events, long virtualNs, long recoveryNs, long elections, long faults,
                        long framesSent, long framesLost, long committed, long acknowledged, long rejected,
                        long indeterminate, long reads, long readsRefused, long snapshots, long installed,
                        long goneOn, long handedOver, long cutShort, long fingerprint) {
}
