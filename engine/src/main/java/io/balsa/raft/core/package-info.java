/**
 * Raft's rules as a function from inputs to effects: no threads, no clock, no IO, no bytes, no garbage.
 *
 * <p>Read it next to Figure 2 of the Raft paper. {@link io.balsa.raft.core.RaftCore} is the table of contents: its
 * {@code onX} methods decide which rules apply and in what order. Each rule is one file with its state beside it; it
 * answers with a primitive and knows no other rule.
 *
 * <pre>
 *   State on all servers            RaftState, LogTerms        Volatile state on leaders    Peers, Rounds
 *   RequestVote, timers, pre-vote   Election                   AppendEntries, sending       LeaderReplication
 *   AppendEntries, receiving        FollowerReplication        commitIndex, both sides      Commitment
 *   ReadIndex and CheckQuorum       Rounds                     a full disk, a stuck disk    OwnDisk
 *   after a loss, until it votes    Readmission                what always holds            Invariants
 * </pre>
 *
 * <p>Three decisions keep it small. It sees indexes and terms, never commands: {@code LogTerms} describes millions of
 * entries by their runs of equal terms. Durability is an input, {@code onPersisted}. Time is an argument.
 */
package io.balsa.raft.core;
