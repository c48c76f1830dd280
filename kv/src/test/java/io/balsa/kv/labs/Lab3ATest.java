package io.balsa.kv.labs;

import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

@DisplayName("Lab 3A: key/value service")
class Lab3ATest {
    static final List<KvScenario> SCENARIOS = List.of(GenericLab.BASIC, GenericLab.CONCURRENT, GenericLab.UNRELIABLE,
        ScriptedLab.ONE_KEY, ScriptedLab.ONE_PARTITION, GenericLab.PARTITIONS_ONE, GenericLab.PARTITIONS_MANY,
        GenericLab.RESTARTS_ONE, GenericLab.RESTARTS_MANY, GenericLab.RESTARTS_UNRELIABLE,
        GenericLab.RESTARTS_PARTITIONS, GenericLab.ALL_FAULTS, GenericLab.LINEARIZABLE, ScriptedLab.SPEED);

    private KvLabSuite suite;

    @BeforeEach
    void nameTheTest(TestInfo info) {
        suite = new KvLabSuite(info);
    }

    @Test
    @DisplayName("3A-01 one client")
    void oneClient() throws InterruptedException {
        suite.play(GenericLab.BASIC);
    }

    @Test
    @DisplayName("3A-02 many clients")
    void manyClients() throws InterruptedException {
        suite.play(GenericLab.CONCURRENT);
    }

    @Test
    @DisplayName("3A-03 unreliable net")
    void unreliable() throws InterruptedException {
        suite.play(GenericLab.UNRELIABLE);
    }

    @Test
    @DisplayName("3A-04 concurrent appends to one key")
    void oneKey() throws InterruptedException {
        suite.play(ScriptedLab.ONE_KEY);
    }

    @Test
    @DisplayName("3A-05 progress in the majority, none in the minority")
    void onePartition() throws InterruptedException {
        suite.play(ScriptedLab.ONE_PARTITION);
    }

    @Test
    @DisplayName("3A-05 once more, with a leader in the minority that believes to lead until the heal")
    void onePartitionPlainRaft() throws InterruptedException {
        suite.playPlainRaft(ScriptedLab.ONE_PARTITION);
    }

    @Test
    @DisplayName("3A-06 partitions, one client")
    void partitionsOneClient() throws InterruptedException {
        suite.play(GenericLab.PARTITIONS_ONE);
    }

    @Test
    @DisplayName("3A-07 partitions, many clients")
    void partitionsManyClients() throws InterruptedException {
        suite.play(GenericLab.PARTITIONS_MANY);
    }

    @Test
    @DisplayName("3A-08 restarts, one client")
    void restartsOneClient() throws InterruptedException {
        suite.play(GenericLab.RESTARTS_ONE);
    }

    @Test
    @DisplayName("3A-09 restarts, many clients")
    void restartsManyClients() throws InterruptedException {
        suite.play(GenericLab.RESTARTS_MANY);
    }

    @Test
    @DisplayName("3A-10 unreliable net, restarts")
    void restartsUnreliable() throws InterruptedException {
        suite.play(GenericLab.RESTARTS_UNRELIABLE);
    }

    @Test
    @DisplayName("3A-11 restarts, partitions")
    void restartsPartitions() throws InterruptedException {
        suite.play(GenericLab.RESTARTS_PARTITIONS);
    }

    @Test
    @DisplayName("3A-12 unreliable net, restarts, partitions")
    void allFaults() throws InterruptedException {
        suite.play(GenericLab.ALL_FAULTS);
    }

    @Test
    @DisplayName("3A-13 all of it, random keys: linearizable")
    void linearizable() throws InterruptedException {
        suite.play(GenericLab.LINEARIZABLE);
    }

    @Test
    @DisplayName("3A-13 once more, with leaders that believe to lead until they hear of another")
    void linearizablePlainRaft() throws InterruptedException {
        suite.playPlainRaft(GenericLab.LINEARIZABLE);
    }

    @Test
    @DisplayName("3A-14 operations are fast enough")
    void speed() throws InterruptedException {
        suite.play(ScriptedLab.SPEED);
    }
}
