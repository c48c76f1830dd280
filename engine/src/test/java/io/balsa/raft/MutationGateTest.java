package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import io.balsa.raft.testkit.mutants.MutationGate;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What must not pass for a killed mutant. */
class MutationGateTest {
    private static final String MAJORITY = "- return (id.length + 1) / 2 + 1;\n";

    @TempDir
    private Path folder;

    private Executable planting(String change, String killer) throws IOException {
        Files.writeString(folder.resolve("one.mutant"), "mutant X1: a title\n  A story.\nsource: Balsa\nkilled by "
            + killer + "\nin core/Peers.java\n" + change);
        return new MutationGate("io.balsa.raft", folder).everyMutantIsKilled().findFirst().orElseThrow()
            .getExecutable();
    }

    private void assertNotKilled(String why, String change, String killer) throws IOException {
        final Throwable complaint = assertThrows(Throwable.class, planting(change, killer));
        assertTrue(complaint.getMessage().contains(why), complaint.getMessage());
    }

    @Test
    @DisplayName("a mutant that the named test reports is killed")
    void aMutantThatTheNamedTestReportsIsKilled() throws IOException {
        assertDoesNotThrow(planting(MAJORITY + "+ return (id.length + 1) / 2;",
            "core.ElectionTest.aCandidateLeadsWithExactlyAMajority"));
    }

    @Test
    @DisplayName("a mutant that the named test lets pass lives, whatever other tests say")
    void aMutantThatTheNamedTestLetsPassLives() throws IOException {
        assertNotKilled("is not killed by ElectionTest.aDenialIsNoVote, which says: passed",
            MAJORITY + "+ return (id.length + 2) / 2;", "core.ElectionTest.aDenialIsNoVote");
    }

    @Test
    @DisplayName("a mutant that does not compile is not killed by that, nor by a fault that nobody checks")
    void aMutantThatDoesNotCompileIsNotKilled() throws IOException {
        assertNotKilled("does not compile", MAJORITY + "+ return noSuchName;",
            "core.ElectionTest.aCandidateLeadsWithExactlyAMajority");
        assertNotKilled("ArithmeticException", MAJORITY + "+ return id.length / (id.length - id.length);",
            "core.ElectionTest.aCandidateLeadsWithExactlyAMajority");
    }

    @Test
    @DisplayName("a test that is not there kills nothing")
    void aTestThatIsNotThereKillsNothing() throws IOException {
        assertNotKilled("has 0 methods noSuchTest", MAJORITY + "+ return 1;", "core.ElectionTest.noSuchTest");
    }

    @Test
    @DisplayName("a mutant whose lines have moved on must be mended")
    void aMutantWhoseLinesHaveMovedOnMustBeMended() throws IOException {
        assertNotKilled("mutant X1 no longer applies to core/Peers.java", "- return 7;\n+ return 8;",
            "core.ElectionTest.aDenialIsNoVote");
    }

    @Test
    @DisplayName("a mutant without a killer is not understood")
    void aMutantWithoutAKillerIsNotUnderstood() throws IOException {
        Files.writeString(folder.resolve("one.mutant"),
            "mutant X1: a title\n  A story.\nsource: Balsa\nin core/Peers.java\n" + MAJORITY + "+ return 1;");
        final IllegalStateException e =
            assertThrows(IllegalStateException.class, () -> new MutationGate("io.balsa.raft", folder));
        assertEquals(folder.resolve("one.mutant") + ": mutant X1 needs a story, a source and a change and who kills it",
            e.getMessage());
    }
}
