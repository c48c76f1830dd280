package io.balsa.raft;

import java.util.Arrays;
import java.util.Optional;

import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.StateMachine;

/**
 * Whether the members' states still are one. Every so many entries each member digests its state; the voters tell the
 * leader, and what a majority of them found at one index is the agreed digest, which the leader tells everybody. A
 * member that found another one stops: it would serve what the others never had. Digests of a committed index do not
 * depend on terms and leaders, so what was heard stays good when they change.
 *
 * <p>Raft itself knows nothing of this: it promises equal logs, and equal states only to a deterministic machine.
 */
final class StateChecks {
    /** No index is checked: {@link RaftConfig#stateHashEvery()} is 0. */
    static final long NEVER = Long.MAX_VALUE;
    /** How many checked indexes are remembered: how far members may be apart and still be compared. */
    private static final int KEPT = 64;
    private static final long NO_HASH = StateMachine.NO_HASH;

    private final int every;
    /** This member first, then the peers by their rows in {@link Links}. */
    private final int[] memberId;
    private final int majority;

    // Per remembered index, at its number modulo KEPT.
    private final long[] slotIndex = new long[KEPT];
    private final long[] agreedHashAt = new long[KEPT];
    private final long[] hashes;

    private final long[] reportedIndex;
    private final long[] reportedHash;
    private long checkIndex;
    private long stateHash;
    private long agreedIndex;
    private long agreedHash;
    /** The last index at which this member's digest was the agreed one. */
    private long verifiedIndex;
    private boolean leading;
    private long mismatchIndex;
    private Optional<String> mismatch = Optional.empty();

    StateChecks(int nodeId, int[] peerIds, int every) {
        this.every = every;
        memberId = new int[1 + peerIds.length];
        memberId[0] = nodeId;
        System.arraycopy(peerIds, 0, memberId, 1, peerIds.length);
        majority = memberId.length / 2 + 1;
        hashes = new long[KEPT * memberId.length];
        reportedIndex = new long[peerIds.length];
        reportedHash = new long[peerIds.length];
    }

    /** The first index after this one whose state is digested, or {@link #NEVER}. */
    long nextAfter(long index) {
        return every == 0 ? NEVER : (index / every + 1) * every;
    }

    /** The newest index this member has digested, 0 if none, and what it found. */
    long checkIndex() {
        return checkIndex;
    }

    long stateHash() {
        return stateHash;
    }

    /** The newest index whose digest is agreed as far as known here, 0 if none, and the digest. */
    long agreedIndex() {
        return agreedIndex;
    }

    long agreedHash() {
        return agreedHash;
    }

    /** Only a leader judges what the voters report: nobody reports to the others any more. */
    void leads(boolean leader) {
        leading = leader;
    }

    /**
     * This member has digested its state after {@code index}.
     *
     * @throws RaftException when it is not the agreed state: this node must stop
     */
    void computed(long index, long hash) {
        if (hash != NO_HASH) {
            checkIndex = index;
            stateHash = hash;
            record(0, index, hash);
        }
    }

    /** The voter in this row of {@link Links} says what it found; as {@link #computed} otherwise. */
    void reported(int row, long index, long hash) {
        if (index != reportedIndex[row] || hash != reportedHash[row]) { // its newest is repeated in every answer
            reportedIndex[row] = index;
            reportedHash[row] = hash;
            record(1 + row, index, hash);
        }
    }

    /** A leader says what is agreed; as {@link #computed} otherwise. */
    void agreed(long index, long hash) {
        if (index > agreedIndex) {
            final int slot = slotOf(index, hash);
            if (slot >= 0) {
                agree(slot, index, hash);
            }
        }
    }

    private void record(int member, long index, long hash) {
        final int slot = slotOf(index, hash);
        if (slot < 0) {
            return;
        }
        hashes[slot * memberId.length + member] = hash;
        if (agreedHashAt[slot] != NO_HASH) {
            requireAgreed(slot, index);
        } else if (votesFor(slot, hash) >= majority) {
            agree(slot, index, hash);
        } else if (leading && votesFor(slot, hash) < reports(slot)) {
            disagree(slot, index);
        }
    }

    /** Where this index is remembered, or -1 for one that is none, or too old. */
    private int slotOf(long index, long hash) {
        if (every == 0 || index <= 0 || index % every != 0 || hash == NO_HASH) {
            return -1;
        }
        final int slot = (int) (index / every) & KEPT - 1;
        if (index > slotIndex[slot]) {
            slotIndex[slot] = index;
            agreedHashAt[slot] = NO_HASH;
            Arrays.fill(hashes, slot * memberId.length, (slot + 1) * memberId.length, NO_HASH);
        }
        return index == slotIndex[slot] ? slot : -1;
    }

    private int votesFor(int slot, long hash) {
        int votes = 0;
        for (int member = 0; member < memberId.length; member++) {
            votes += hashes[slot * memberId.length + member] == hash ? 1 : 0;
        }
        return votes;
    }

    private int reports(int slot) {
        return memberId.length - votesFor(slot, NO_HASH);
    }

    private void agree(int slot, long index, long hash) {
        agreedHashAt[slot] = hash;
        if (index > agreedIndex) {
            agreedIndex = index;
            agreedHash = hash;
        }
        if (agreedIndex >= mismatchIndex) {
            mismatch = Optional.empty();
        }
        requireAgreed(slot, index);
    }

    private void requireAgreed(int slot, long index) {
        final long own = hashes[slot * memberId.length];
        if (own == agreedHashAt[slot]) {
            verifiedIndex = Math.max(verifiedIndex, index);
        } else if (own != NO_HASH) {
            throw new RaftException("the state of this node differs from that of the majority since some entry in "
                + range(index) + " (state hash " + Long.toHexString(own) + ", the majority has "
                + Long.toHexString(agreedHashAt[slot]) + "): this node stops, since it would serve what the others "
                + "never had; look for what its state machine takes from elsewhere than the log, mend it and start it "
                + "again: it applies the log anew");
        }
    }

    /** Two voters differ and there is no majority yet. It may still come: from those that have not reported. */
    private void disagree(int slot, long index) {
        final String found = "the voters' states differ since some entry in " + range(index) + " (" + describe(slot)
            + ")";
        if (reports(slot) == memberId.length) {
            throw new RaftException(found + " and no majority agrees: this leader stops, since it cannot tell who is "
                + "right; compare the versions of the state machine on all nodes, mend it and start them again");
        }
        if (mismatch.isEmpty()) {
            System.getLogger(StateChecks.class.getName()).log(System.Logger.Level.WARNING, "node " + memberId[0] + ": "
                + found + "; when the others have reported, those that differ from a majority will stop");
        }
        mismatchIndex = index;
        mismatch = Optional.of(found);
    }

    private String range(long index) {
        return "(" + verifiedIndex + ", " + index + "]";
    }

    private String describe(int slot) {
        final StringBuilder words = new StringBuilder();
        for (int member = 0; member < memberId.length; member++) {
            final long hash = hashes[slot * memberId.length + member];
            words.append(member == 0 ? "" : ", ").append("node ").append(memberId[member]).append(": ")
                .append(hash == NO_HASH ? "not known" : Long.toHexString(hash));
        }
        return words.toString();
    }

    RaftStatus.StateCheck status() {
        return new RaftStatus.StateCheck(checkIndex, stateHash, agreedIndex, agreedHash, mismatch);
    }
}
