package io.balsa.raft.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.random.RandomGenerator;

import io.balsa.raft.RaftAgent;
import io.balsa.raft.RaftStatus;
import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.spi.Storage;
import io.balsa.raft.spi.StorageException;
import io.balsa.raft.testkit.checks.NodeProgress;
import io.balsa.raft.testkit.checks.Violation;
import org.agrona.DirectBuffer;

/** One life of one simulated node: the real node between simulated ports, and when it gets to run. */
final class SimProcess<R> implements StateMachine<R> {
    private final SimWorld<R> world;
    private final SimNode<R> node;
    private final int life;
    private final KillSwitch killSwitch;
    private final StateMachine<R> machine;
    private final NodeProgress progress;
    private final SimLog log;
    private final SimNetwork.Endpoint endpoint;
    private final RaftAgent<R> agent;
    private RaftStatus status;
    private long lastApplied;
    private long busyUntil;
    private boolean wakeScheduled;
    private boolean gone;
    private int outstanding;
    private long lastAnswered;

    SimProcess(SimWorld<R> world, SimNode<R> node, int life, RandomGenerator random) {
        this.world = world;
        this.node = node;
        this.life = life;
        this.killSwitch = new KillSwitch(() -> world.story().mayDie(node));
        this.machine = world.newMachine(node.id());
        this.progress = new NodeProgress(node.id(), node.disk());
        final Storage storage = node.disk().open(killSwitch, this::wake, this::hold);
        this.log = node.disk().openLog();
        this.endpoint = world.network().connect(node.id(), killSwitch, this::wake);
        this.agent = new RaftAgent<>(world.setup().configOf().apply(node.id())
            .withUnsafeRecovery(node.disk().recoversUnsafely()), storage, endpoint, this,
            this::runOffLoop, random, node.clock());
        this.status = agent.status();
    }

    /** Runs a duty cycle now and again and again. */
    void tick() {
        if (!gone) {
            world.schedule().after(world.drawTick(), this::tick);
            dutyCycle();
        }
    }

    /** Something has arrived: run soon, as a thread would that is woken or comes round. */
    void wake() {
        if (!wakeScheduled && !gone) {
            wakeScheduled = true;
            world.schedule().after(world.drawWake(), () -> {
                wakeScheduled = false;
                dutyCycle();
            });
        }
    }

    /** The process waits for its disk; what it does next it does later. */
    private void hold(long ns) {
        busyUntil = Math.max(busyUntil, world.schedule().now()) + ns;
        endpoint.holdUntil(busyUntil);
    }

    /** Not scheduled for a while: a collector's pause, a stopped virtual machine, SIGSTOP. */
    void pause(long ns) {
        busyUntil = Math.max(busyUntil, world.schedule().now() + ns);
    }

    void resume() {
        busyUntil = world.schedule().now();
    }

    private void dutyCycle() {
        if (gone || world.schedule().now() < busyUntil) {
            return;
        }
        final long callsBefore = killSwitch.calls();
        final int work;
        try {
            work = agent.doWork(node.clock());
        } catch (KillSwitch.Killed killed) {
            node.crash("is killed inside a duty cycle");
            return;
        } catch (StorageException failed) {
            stopAfter(failed);
            return;
        } catch (RuntimeException broken) {
            if (killSwitch.fired()) { // in a call of the state machine, from which a node keeps what is thrown
                node.crash("is killed while it restores its state");
                return;
            }
            if (world.story().mayStop(node, broken)) {
                node.stop("stops: " + broken.getMessage());
                return;
            }
            throw new Violation("n" + node.id() + " stops: " + broken, broken);
        }
        if (killSwitch.fired()) {
            throw new Violation("n" + node.id() + " swallowed the error that ends its process");
        }
        if (work > 0 || killSwitch.calls() != callsBefore) {
            observe();
        }
    }

    /** What a node says about itself is checked whenever it did anything. */
    private void observe() {
        status = agent.status();
        progress.onStatus(status, log.memory());
        requireSnapshotBefore(log.firstIndex());
        world.onStatus(node, life, status);
    }

    /** What a log has dropped must be found elsewhere on this very disk. */
    private void requireSnapshotBefore(long firstIndex) {
        final long covered = node.disk().snapshots().newest().map(SnapshotStore.Snapshot::index).orElse(0L);
        if (firstIndex - 1 > covered) {
            throw new Violation("n" + node.id() + "'s log begins at " + firstIndex + ", its newest snapshot stands for "
                + "entries up to " + covered);
        }
    }

    private void stopAfter(StorageException failed) {
        if (!world.story().mayFail(node)) {
            throw new Violation("n" + node.id() + " stops for no reason: " + failed, failed);
        }
        node.stop("stops: " + failed.getMessage());
    }

    /** The process ends without a word. */
    void vanish() {
        gone = true;
        world.network().disconnect(node.id());
    }

    /** Stops in good order: everybody who waits must be told. */
    void close() {
        try {
            agent.close();
        } catch (KillSwitch.Killed killed) {
            // it was armed and dies while closing
            node.crash("is killed while closing");
            return;
        }
        gone = true;
        if (outstanding != 0) {
            throw new Violation("n" + node.id() + " closed and left " + outstanding + " callers without an answer");
        }
    }

    @Override
    public R apply(long index, long term, DirectBuffer command, int offset, int length) {
        final long content = Mix.bytes(command, offset, length);
        world.beforeApply(node, lastApplied, index, term, content);
        final R reply = machine.apply(index, term, command, offset, length);
        lastApplied = index;
        world.afterApply(node, index, term, content, stateHash(), reply);
        return reply;
    }

    @Override
    public long stateHash() {
        return machine.stateHash();
    }

    @Override
    public Optional<View> freeze() {
        return machine.freeze();
    }

    @Override
    public void restore(InputStream state) throws IOException {
        machine.restore(state);
        lastApplied = node.disk().snapshots().lastOpened().index();
        world.afterRestore(node, lastApplied, stateHash());
    }

    /** A task that waits for the disk takes a while, and none outlives the process. */
    private void runOffLoop(Runnable task) {
        world.schedule().after(world.drawOffLoop(node.disk().faults()), () -> {
            if (!gone && !killSwitch.fired()) {
                task.run();
                if (killSwitch.fired()) {
                    node.crash("is killed at a snapshot");
                } else {
                    wake();
                }
            }
        });
    }

    /** Kills the process at one of its next calls to a port. */
    void killWithin(int calls) {
        killSwitch.arm(calls);
    }

    /** Whether its threads run now. */
    boolean isAwake() {
        return !gone && !killSwitch.fired() && world.schedule().now() >= busyUntil;
    }

    RaftAgent<R> agent() {
        return agent;
    }

    /** As of its last duty cycle that did anything. */
    RaftStatus status() {
        return status;
    }

    LogImage log() {
        return log.memory();
    }

    NodeProgress progress() {
        return progress;
    }

    long lastApplied() {
        return lastApplied;
    }

    /** Commands are answered in the order they were offered to this process. */
    void requireInOrder(long order) {
        if (order <= lastAnswered) {
            throw new Violation("n" + node.id() + " commits offer " + order + " after offer " + lastAnswered);
        }
        lastAnswered = order;
    }

    void onAccepted() {
        outstanding++;
    }

    void onAnswered() {
        outstanding--;
    }
}
