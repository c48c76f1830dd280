package io.balsa.mapreduce.coordinator;

import java.util.random.RandomGenerator;

import io.balsa.mapreduce.wire.Answer;
import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.testkit.contract.StateMachineContract;

/** The jobs keep the contract of a state machine: same replies everywhere, views that stand still, whole restores. */
class JobStateMachineContractTest extends StateMachineContract<Answer> {
    @Override
    protected StateMachine<Answer> newMachine() {
        return new JobStateMachine();
    }

    @Override
    protected byte[] command(RandomGenerator random, long number) {
        return RandomRequests.draw(random, number, Integer.MAX_VALUE);
    }
}
