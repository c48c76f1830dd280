package io.balsa.kv;

import java.util.random.RandomGenerator;

import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.testkit.contract.StateMachineContract;

/** The store keeps the contract of a state machine. */
class KvStateMachineContractTest extends StateMachineContract<KvReply> {
    @Override
    protected StateMachine<KvReply> newMachine() {
        return new KvStateMachine();
    }

    @Override
    protected byte[] command(RandomGenerator random, long number) {
        return KvSimulationTest.draw(random, number, Integer.MAX_VALUE);
    }
}
