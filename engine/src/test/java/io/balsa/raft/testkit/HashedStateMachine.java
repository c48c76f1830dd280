package io.balsa.raft.testkit;

import io.balsa.raft.spi.StateMachine;

/** A state machine that can digest its whole state: the simulator compares the digests after every command. */
public interface HashedStateMachine<R> extends StateMachine<R> {
    /** Equal for equal states; cheap, it is asked after every command. */
    long stateHash();
}
