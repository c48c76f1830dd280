package io.balsa.raft.testkit;

import java.util.Optional;
import java.util.random.RandomGenerator;

import io.balsa.raft.core.Role;
import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.StorageException;

/** One server of the group: its disk, its clock, and its present process if it runs. */
final class SimNode<R> {
    private final SimWorld<R> world;
    private final int id;
    private final SimDisk disk;
    private final long clockOrigin;
    private final double clockRate;
    private SimProcess<R> process;
    private int lives;
    private long aheadNs;

    SimNode(SimWorld<R> world, int id, SimDisk disk, RandomGenerator random) {
        this.world = world;
        this.id = id;
        this.disk = disk;
        // monotonic clocks have any origin, and drift
        this.clockOrigin = random.nextLong(1L << 50);
        this.clockRate = 1 + (random.nextDouble() - 0.5) / 50;
    }

    int id() {
        return id;
    }

    SimDisk disk() {
        return disk;
    }

    /** This server's monotonic clock. */
    long clock() {
        return clockOrigin + aheadNs + (long) (world.schedule().now() * clockRate);
    }

    /** Its clock shows this much later from now on, as after a virtual machine was moved. */
    void jumpAhead(long ns) {
        world.note(id, "its clock jumps by ns ", ns);
        aheadNs += ns;
    }

    boolean isUp() {
        return process != null;
    }

    Optional<SimProcess<R>> process() {
        return Optional.ofNullable(process);
    }

    boolean leads() {
        return process != null && process.status().role() == Role.LEADER;
    }

    void start() {
        if (process == null) {
            lives++;
            world.note(id, "starts, life ", lives);
            try {
                process = new SimProcess<>(world, this, lives, world.newRandom());
            } catch (LogCorruptException damaged) {
                world.note(id, "refuses to start: ", damaged.getMessage());
                world.story().onCorrupt(this);
                return;
            } catch (KillSwitch.Killed | StorageException failed) {
                world.network().disconnect(id);
                disk.crash();
                world.story().onDown(this);
                return;
            }
            process.tick();
        }
    }

    /** Power off: what was not forced is lost. */
    void crash(String how) {
        if (process != null) {
            process.vanish();
            process = null;
            disk.crash();
            world.note(id, how);
            world.note(id, "its disk is left with up to ", disk.image().last());
            world.story().onDown(this);
        }
    }

    /** Stops in good order. */
    void stop(String how) {
        if (process != null) {
            world.note(id, how);
            final SimProcess<R> closing = process;
            closing.close();
            if (process == closing) {
                process = null;
                disk.closed();
                world.story().onDown(this);
            }
        }
    }

    int lives() {
        return lives;
    }
}
