package io.balsa.raft.core;

/**
 * What a core needs to know once.
 *
 * @param selfId            this server
 * @param peerIds           the other voters
 * @param electionTimeoutNs T: timeouts are drawn from [T, 2T)
 * @param heartbeatNs       how often a leader speaks when it has nothing to say
 * @param resendNs          unacknowledged entries are followed by something after this time: the transport finds a lost
 *                          tail only when more arrives
 * @param diskStallNs       a leader whose own disk has made nothing durable for so long lets another one lead
 * @param preVote           thesis §9.6
 * @param checkQuorum       thesis §6.2
 * @param noOpPerTerm       thesis §6.4
 * @param voter             whether this server may vote and campaign from the start
 * @param rebuilt           whether it is none because it lost its log: it may become one, see {@link Readmission}
 * @param forgotVotes       whether it lost its vote as well
 * @param unsafeRecovery    whether it may become one by {@link UnsafeRecovery}, if it is none
 */
@SuppressWarnings("ArrayRecordComponent") // rows are addressed by it in every cycle; nobody compares settings
public record Settings(int selfId, int[] peerIds, long electionTimeoutNs, long heartbeatNs, long resendNs,
                       long diskStallNs, boolean preVote, boolean checkQuorum, boolean noOpPerTerm, boolean voter,
                       boolean rebuilt, boolean forgotVotes, boolean unsafeRecovery) {
}
