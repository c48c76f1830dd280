package io.balsa.raft;

import java.util.random.RandomGenerator;

import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.testkit.Registers;
import io.balsa.raft.testkit.contract.StateMachineContract;

/** The simulator's own state machine keeps the contract that it holds others to. */
class RegistersTest extends StateMachineContract<Long> {
    @Override
    protected StateMachine<Long> newMachine() {
        return new Registers();
    }

    @Override
    protected byte[] command(RandomGenerator random, long number) {
        return Registers.command(random, number, 4 << 10);
    }
}
