package io.balsa.raft;

import java.util.List;
import java.util.Optional;

import io.balsa.raft.core.Role;
import io.balsa.raft.spi.Durability;

/**
 * One node as it saw itself a moment ago.
 *
 * @param leaderId       who leads as far as this node knows, or {@link Outcome.Rejected#NO_LEADER}
 * @param durableIndex   the last index forced to this node's disk
 * @param voter          false while this node neither votes nor counts
 * @param durability     when an entry counts
 * @param quorumTrouble  why no quorum can be formed as far as this node knows, and what an operator must do
 * @param peers          the other members; progress fields are 0 unless this node leads
 * @param framesDropped  received frames that did not fit: other cluster, other node, former incarnation, malformed
 * @param sendsRefused   frames the transport did not take
 * @param snapshots      what stands for the front of the log
 * @param stateCheck     how the members' states compare
 * @param slowApplies    how often the state machine kept the node waiting
 * @param stages         how long commands took from stage to stage of their way, within the last ten seconds or so
 * @param failure        why the node stopped by itself, if it did
 */
public record RaftStatus(int nodeId, Role role, long term, int leaderId, long lastIndex, long durableIndex,
                         long commitIndex, long appliedIndex, boolean voter, long clusterId, Durability durability,
                         Optional<String> quorumTrouble, long elections, List<Peer> peers, long framesDropped,
                         long sendsRefused, Snapshots snapshots, StateCheck stateCheck, SlowApplies slowApplies,
                         List<Stage> stages, Optional<String> failure) {
    /**
     * A peer as the leader sees it.
     *
     * @param matchIndex counts over there, see {@link Durability}
     * @param nextIndex  the next entry to send
     * @param streaming  true while entries flow without waiting, false while one probe at a time looks for the match
     * @param connected  whether a frame of its present incarnation has been heard
     * @param advertised what the peer says of itself, see {@link RaftConfig#advertise()}; empty until heard
     */
    public record Peer(int nodeId, long matchIndex, long nextIndex, boolean streaming, boolean connected,
                       String advertised) {
    }

    /**
     * What stands for the front of the log.
     *
     * @param index      the last entry that this node's newest snapshot stands for, 0 if it has none
     * @param firstIndex the first entry that the log still holds
     * @param taken      how many snapshots this node has taken since it started
     * @param installed  how many it has received from leaders since it started
     * @param writing    whether one is being written now
     * @param received   bytes written here of the one that a leader is sending now, 0 if none is on its way
     * @param receiving  how long that one is; once all is received it is checked, then it is installed
     * @param failure    why the last attempt to take one failed, until one succeeds
     */
    public record Snapshots(long index, long firstIndex, long taken, long installed, boolean writing, long received,
                            long receiving, Optional<String> failure) {
        /** There is none, and the log is whole. */
        public static final Snapshots NONE = new Snapshots(0, 1, 0, 0, false, 0, 0, Optional.empty());
    }

    /**
     * Calls of the state machine that took longer than half a heartbeat interval.
     *
     * @param count     how many, the one under way included
     * @param longestMs the longest of them in milliseconds, the one under way included
     */
    public record SlowApplies(long count, long longestMs) {
        /** There was none. */
        public static final SlowApplies NONE = new SlowApplies(0, 0);
    }

    /**
     * How long a stage of a command's way took, of those commands that were followed: one after the other.
     *
     * @param name  queue: from the caller to the loop; send: until it is on the network; force: from the append to
     *              this node's disk; commit: from the append until it is committed; apply: until it is executed;
     *              answer: telling the caller; total; follower_force: on a follower, from arrival to its disk
     * @param count how many were followed
     */
    public record Stage(String name, long count, long p50Ns, long p99Ns, long maxNs) {
    }

    /**
     * How the members' states compare, see {@link RaftConfig#stateHashEvery()}.
     *
     * @param index       the newest index at which this node digested its state; 0 if none
     * @param hash        what it found there
     * @param agreedIndex the newest index at which a majority of voters found one digest, as far as known here; 0 if
     *                    none
     * @param agreedHash  that digest
     * @param mismatch    on the leader: which voters differ and since when, while no majority has decided who is right
     */
    public record StateCheck(long index, long hash, long agreedIndex, long agreedHash, Optional<String> mismatch) {
        /** Nothing was digested yet, or the state machine has no digest. */
        public static final StateCheck NONE = new StateCheck(0, 0, 0, 0, Optional.empty());
    }
}
