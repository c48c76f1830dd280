/**
 * The ports of the engine: what it needs from a network, a disk and the user's state machine.
 *
 * <p>Each port is a contract of shapes, units, threads and errors. The testkit holds a contract suite for each; an
 * adapter that passes it can be plugged in. All methods are called on the node's loop thread unless said otherwise,
 * and none may block on a disk or a network there, except {@link io.balsa.raft.spi.VoteStore#persist} and, in its own
 * time, a state machine; a {@link io.balsa.raft.spi.SnapshotStore} may always wait. The loop thread is one at a time,
 * but not the same one for ever: a slow call of the state machine has the loop go on in another, which sees all that
 * the former one wrote. So no adapter may ask which thread calls it.
 *
 * <p>{@link io.balsa.raft.spi.TimerSlack} and {@link io.balsa.raft.spi.Threads} are no ports: they serve whoever runs
 * threads of its own, on either side of them.
 */
package io.balsa.raft.spi;
