package io.balsa.mapreduce;

import java.io.IOException;
import java.util.stream.Stream;

import io.balsa.raft.testkit.mutants.MutationGate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Known pitfalls of MapReduce, planted: {@code src/test/resources/mutants} tells them, one by one. */
class MutantsTest {
    private static MutationGate gate;

    @BeforeAll
    static void readMutants() throws IOException {
        gate = new MutationGate("io.balsa.mapreduce");
    }

    @TestFactory
    @DisplayName("every planted pitfall is reported by the test named for it")
    Stream<DynamicTest> everyMutantIsKilled() {
        return gate.everyMutantIsKilled();
    }

    @AfterAll
    static void report() throws IOException {
        gate.report();
    }
}
