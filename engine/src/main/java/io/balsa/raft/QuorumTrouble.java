package io.balsa.raft;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.balsa.raft.spi.Durability;

/**
 * Why this node cannot help to form a quorum, where an operator must do something about it: too many members ended
 * without a clean stop under {@link Durability#MEMORY_QUORUM}, or a member's entries count at another time than here.
 */
final class QuorumTrouble {
    private final int[] peerIds;
    private final Durability durability;
    private final boolean recovers;
    private final boolean[] heard;
    private final boolean[] votes;
    private final boolean[] willRecover;
    private final boolean[] differs;
    private final long patienceNs;
    private boolean suspected;
    private long suspectedSinceNs;
    private Optional<String> words = Optional.empty();
    private volatile String worthTelling;

    /**
     * @param recovers   whether this node was told to go on without what may be lost
     * @param patienceNs what others said some time ago may not be so any more: they get so long to say it again
     */
    QuorumTrouble(int[] peerIds, Durability durability, boolean recovers, long patienceNs) {
        this.peerIds = peerIds;
        this.durability = durability;
        this.recovers = recovers;
        this.patienceNs = patienceNs;
        heard = new boolean[peerIds.length];
        votes = new boolean[peerIds.length];
        willRecover = new boolean[peerIds.length];
        differs = new boolean[peerIds.length];
    }

    /** A member has greeted this one. */
    void onMember(int row, boolean itVotes, boolean itRecovers) {
        heard[row] = true;
        votes[row] = itVotes;
        willRecover[row] = itRecovers;
        differs[row] = false;
    }

    /** A member whose entries count at another time: nothing else that it says is heard. */
    void onOtherDurability(int row) {
        differs[row] = true;
    }

    /** @param waits whether this node neither votes nor knows a leader */
    void look(boolean waits, long nowNs) {
        final boolean mayLackAQuorum = waits && durability != Durability.FORCED;
        if (!mayLackAQuorum && !someDiffer()) { // nearly always, and without garbage
            suspected = false;
            words = Optional.empty();
            worthTelling = null;
            return;
        }
        final Optional<String> found = describe(mayLackAQuorum);
        if (found.isPresent() && !suspected) {
            suspectedSinceNs = nowNs;
        }
        suspected = found.isPresent();
        words = found.filter(any -> nowNs - suspectedSinceNs >= patienceNs);
        worthTelling = words.orElse(null);
    }

    /** Whether the others are to be asked how they are. */
    boolean isSuspected() {
        return suspected;
    }

    private boolean someDiffer() {
        for (final boolean itDiffers : differs) {
            if (itDiffers) {
                return true;
            }
        }
        return false;
    }

    private Optional<String> describe(boolean mayLackAQuorum) {
        if (someDiffer()) {
            return Optional.of("entries count at another time with node " + those(differs) + " than here, where it is "
                + durability + ": nothing is heard from there; all members must be formatted alike");
        }
        if (!mayLackAQuorum) {
            return Optional.empty();
        }
        final boolean[] missing = new boolean[peerIds.length];
        int mayVote = 0;
        for (int row = 0; row < peerIds.length; row++) {
            missing[row] = !votes[row] && !willRecover[row];
            mayVote += votes[row] || !heard[row] ? 1 : 0;
        }
        if (mayVote > (peerIds.length + 1) / 2) {
            return Optional.empty(); // a leader of theirs brings this node up to date
        }
        if (recovers) {
            return IntStream.range(0, peerIds.length).noneMatch(row -> missing[row]) ? Optional.empty()
                : Optional.of("the unsafe recovery waits for node " + those(missing) + " to be started with "
                    + "--unsafe-recover as well");
        }
        return Optional.of("no quorum can be formed: this node and too many others ended without a clean stop, and may "
            + "lack entries that they acknowledged (MEMORY_QUORUM). Stop all nodes and start each once with "
            + "--unsafe-recover: the group goes on with the longest log that is left, and writes that no disk kept are "
            + "lost");
    }

    private String those(boolean[] rows) {
        final List<String> ids = IntStream.range(0, peerIds.length).filter(row -> rows[row])
            .mapToObj(row -> Integer.toString(peerIds[row])).collect(Collectors.toList());
        return String.join(", ", ids);
    }

    /** What an operator should hear. */
    Optional<String> words() {
        return words;
    }

    /** The same, null if there is none. Any thread. */
    String worthTelling() {
        return worthTelling;
    }
}
