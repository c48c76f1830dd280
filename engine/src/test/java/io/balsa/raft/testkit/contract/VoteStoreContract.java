package io.balsa.raft.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.balsa.raft.spi.StorageException;
import io.balsa.raft.spi.VoteStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link VoteStore} must do. An adapter extends this, and says how its store is opened and crashes. */
public abstract class VoteStoreContract {
    private VoteStore votes;

    /** Opens the store: a new one at first, then what the last crash left. */
    protected abstract VoteStore open() throws Exception;

    /** Ends the open store as a crash would. */
    protected abstract void crash() throws Exception;

    /** From now on nothing can be forced. */
    protected abstract void failForces() throws Exception;

    /** The disk would force again, if it were asked. */
    protected abstract void mendForces() throws Exception;

    @BeforeEach
    void openNewStore() throws Exception {
        votes = open();
    }

    @Test
    void aNewStoreHasSeenNoTermAndVotedForNobody() {
        assertStored(0, VoteStore.NOBODY);
    }

    @Test
    void whatPersistReturnedFromSurvivesACrash() throws Exception {
        votes.persist(1, VoteStore.NOBODY);
        assertStored(1, VoteStore.NOBODY);
        crashAndReopen();
        assertStored(1, VoteStore.NOBODY);
        votes.persist(1, 2);
        crashAndReopen();
        assertStored(1, 2);
        votes.persist(7_000_000_000L, 65_535);
        crashAndReopen();
        assertStored(7_000_000_000L, 65_535);
    }

    @Test
    void ofManyVotesTheLastCounts() throws Exception {
        for (int term = 1; term <= 50; term++) {
            votes.persist(term, term % 3);
        }
        crashAndReopen();
        assertStored(50, 50 % 3);
    }

    @Test
    void aNewTermForgetsTheVote() throws Exception {
        votes.persist(1, 2);
        votes.persist(2, VoteStore.NOBODY);
        crashAndReopen();
        assertStored(2, VoteStore.NOBODY);
    }

    @Test
    void theSameVoteMayBePersistedAgain() throws Exception {
        votes.persist(3, 1);
        votes.persist(3, 1);
        crashAndReopen();
        assertStored(3, 1);
    }

    @Test
    void anOlderTermIsRefusedAndNothingChanges() throws Exception {
        votes.persist(3, 1);
        assertThrows(RuntimeException.class, () -> votes.persist(2, 1));
        assertStored(3, 1);
        crashAndReopen();
        assertStored(3, 1);
    }

    @Test
    void aVoteThatCannotBeForcedIsNotCastAndNotTriedAgain() throws Exception {
        votes.persist(4, 1);
        failForces();
        assertThrows(StorageException.class, () -> votes.persist(5, 2));
        mendForces();
        assertThrows(StorageException.class, () -> votes.persist(5, 2));
        crashAndReopen();
        // Either pair may have reached the disk; nothing was said of the new one, and the old term cannot be gone.
        if (votes.currentTerm() == 4) {
            assertStored(4, 1);
        } else {
            assertStored(5, 2);
        }
    }

    @Test
    void whatPromoteReturnedFromSurvivesACrash() throws Exception {
        votes.persist(3, 1);
        votes.promote(8, VoteStore.NOBODY);
        assertStored(8, VoteStore.NOBODY);
        crashAndReopen();
        assertStored(8, VoteStore.NOBODY);
        votes.persist(8, 2);
        crashAndReopen();
        assertStored(8, 2);
    }

    @Test
    void aPromotionToAnOlderTermIsRefusedAndNothingChanges() throws Exception {
        votes.persist(3, 1);
        assertThrows(RuntimeException.class, () -> votes.promote(2, VoteStore.NOBODY));
        crashAndReopen();
        assertStored(3, 1);
    }

    @Test
    void aPromotionThatCannotBeForcedIsNotTriedAgain() throws Exception {
        votes.persist(4, 1);
        failForces();
        assertThrows(StorageException.class, () -> votes.promote(5, VoteStore.NOBODY));
        mendForces();
        assertThrows(StorageException.class, () -> votes.promote(5, VoteStore.NOBODY));
        crashAndReopen();
        if (votes.currentTerm() == 4) {
            assertStored(4, 1);
        } else {
            assertStored(5, VoteStore.NOBODY);
        }
    }

    private void crashAndReopen() throws Exception {
        crash();
        votes = open();
    }

    private void assertStored(long currentTerm, int votedFor) {
        assertEquals(currentTerm, votes.currentTerm());
        assertEquals(votedFor, votes.votedFor());
    }
}
