package io.balsa.raft.core;

/** Figure 4, with the pre-candidate of thesis §9.6: one who asks whether an election could be won. */
public enum Role {
    FOLLOWER, PRE_CANDIDATE, CANDIDATE, LEADER
}
