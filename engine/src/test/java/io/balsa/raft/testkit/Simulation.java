package io.balsa.raft.testkit;

import java.util.List;
import java.util.function.LongFunction;
import java.util.function.Supplier;

import io.balsa.raft.spi.Durability;
import io.balsa.raft.spi.StateMachine;

/**
 * What to simulate: your state machine under your commands. {@link #run} plays one seed and throws
 * {@link io.balsa.raft.testkit.checks.Violation} when anything was broken, with the transcript of the last events and
 * the command that replays it.
 *
 * <pre>{@code
 * Simulation.of(Bank::new, Bank::randomTransfer).run(42);
 * }</pre>
 *
 * @param machine    makes the state machine of a starting process; when it has a {@link StateMachine#stateHash} the
 *                   states are compared after every command, otherwise only the replies are (by equals)
 * @param groupSizes one of them is drawn for each seed
 * @param durability when an entry counts; under {@link Durability#MEMORY_QUORUM} no more than a minority of the servers
 *                   ever lacks what it may have acknowledged
 * @param replay     how to tell a person to play a seed again
 * @param <R>        the state machine's result
 */
public record Simulation<R>(Supplier<? extends StateMachine<R>> machine, Commands commands, List<Integer> groupSizes,
                            Durability durability, LongFunction<String> replay) {
    public Simulation {
        groupSizes = List.copyOf(groupSizes);
    }

    public static <R> Simulation<R> of(Supplier<? extends StateMachine<R>> machine, Commands commands) {
        return new Simulation<>(machine, commands, List.of(1, 3, 3, 3, 3, 5, 5, 5, 7), Durability.FORCED,
            seed -> "seed " + seed);
    }

    /** The simulator's own state machine. */
    public static Simulation<Long> ofRegisters() {
        return of(Registers::new, Registers::command);
    }

    public Simulation<R> withGroupSizes(Integer... sizes) {
        return new Simulation<>(machine, commands, List.of(sizes), durability, replay);
    }

    public Simulation<R> withDurability(Durability whenEntriesCount) {
        return new Simulation<>(machine, commands, groupSizes, whenEntriesCount, replay);
    }

    public Simulation<R> withReplay(LongFunction<String> command) {
        return new Simulation<>(machine, commands, groupSizes, durability, command);
    }

    /** Plays one seed: faults first, then a healthy world in which the group must recover. */
    public SimReport run(long seed) {
        return new SimCluster<>(this, seed, false).run();
    }

    /** Plays one seed again and tells its last events, whether it holds or not. */
    public String transcriptOf(long seed) {
        final SimCluster<R> cluster = new SimCluster<>(this, seed, true);
        try {
            return cluster.run() + "\n" + cluster.transcript();
        } catch (AssertionError | RuntimeException broken) {
            return cluster.transcript() + "\n" + broken;
        }
    }
}
