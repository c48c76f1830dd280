package io.balsa.kv;

import static io.balsa.kv.Commands.command;
import static io.balsa.kv.Commands.incrby;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

import io.balsa.kv.KvReply.Code;
import io.balsa.kv.wire.OpCode;
import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.testkit.Seeds;
import io.balsa.raft.testkit.Simulation;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The store in the simulator's bad world, where disks are wiped and bits flip and clocks jump: every server must give
 * the same replies and have the same state after every command. {@code -Dseed=N} plays one seed and tells its last
 * events, {@code -Dseeds=N} plays that many.
 */
class KvSimulationTest {
    private static final long SEEDS = 50;
    private static final long SOAK_SEEDS = 1_000;
    /** About so many commands are refused or lost before the log is as long as there are clients. */
    private static final int BEGINNING = 300;
    private static final int CLIENTS = 12;
    private static final int KEYS = 4;

    private final Simulation<KvReply> simulation = Simulation.of(KvStateMachine::new, KvSimulationTest::draw)
        .withReplay(seed -> "mvn -q -pl kv -am verify -Dtest=KvSimulationTest#everySeedKeepsEveryPromise"
            + " -Dsurefire.failIfNoSpecifiedTests=false -Dseed=" + seed);

    @Test
    void everySeedKeepsEveryPromise() throws InterruptedException {
        final long seed = Long.getLong("seed", -1);
        if (seed >= 0) {
            System.out.println(simulation.transcriptOf(seed));
            simulation.run(seed);
        } else {
            Seeds.play(simulation, 1, Long.getLong("seeds", SEEDS), System.out::println);
        }
    }

    /** More of the same: {@code mvn -pl kv -am -Psoak verify -Dtest=KvSimulationTest -Dseeds=100000}. */
    @Test
    @Tag("soak")
    void soak() throws InterruptedException {
        Seeds.play(simulation, 1_000_000, Long.getLong("seeds", SOAK_SEEDS), System.out::println);
    }

    /** Otherwise the runs above would prove little. */
    @Test
    void commandsAreExecutedRepeatedAndRefused() throws InterruptedException {
        final AtomicLong executed = new AtomicLong();
        final AtomicLong stale = new AtomicLong();
        final AtomicLong refused = new AtomicLong();
        final Simulation<KvReply> counting = Simulation.of(() -> {
            final KvStateMachine store = new KvStateMachine();
            return new StateMachine<KvReply>() {
                @Override
                public KvReply apply(long index, long term, DirectBuffer buffer, int offset, int length) {
                    final KvReply reply = store.apply(index, term, buffer, offset, length);
                    if (reply instanceof KvReply.Failure failure && failure.code() == Code.STALE) {
                        stale.incrementAndGet();
                    } else if (reply instanceof KvReply.Failure) {
                        refused.incrementAndGet();
                    } else {
                        executed.incrementAndGet();
                    }
                    return reply;
                }

                @Override
                public long stateHash() {
                    return store.stateHash();
                }
            };
        }, KvSimulationTest::draw);
        assertEquals(10, Seeds.play(counting, 1, 10, line -> { }).seeds());
        assertTrue(executed.get() > 1_000 && stale.get() > 300 && refused.get() > 1_000,
            executed + " executed, " + stale + " stale, " + refused + " refused");
    }

    /**
     * Any command of some client. A session's id is the index at which it was opened, so ids that exist are small
     * numbers; the number of a client's command is drawn as well, and so it is the next one, or an old one, or one that
     * skips some. Number and client make the command: the same number again is a duplicate.
     */
    static byte[] draw(RandomGenerator random, long number, int maxLength) {
        final int dice = random.nextInt(1_000);
        final long client = 1 + random.nextLong(CLIENTS);
        if (dice < (number < BEGINNING ? 500 : 10)) {
            return bytesOf(Commands.open());
        }
        if (dice == 999) {
            return bytesOf(Commands.close(client));
        }
        final long sequence = 1 + random.nextLong(2 + number / 512);
        final long acknowledged = random.nextInt(4) == 0 ? sequence - 1 : 0;
        return bytesOf(Commands.execute(client, sequence, acknowledged, commandOf(client, sequence)));
    }

    private static Command commandOf(long client, long sequence) {
        final RandomGenerator random = new SplittableRandom(CLIENTS * sequence + client);
        final String key = "key" + random.nextInt(KEYS);
        final String value = Integer.toString(random.nextInt(3));
        return switch (random.nextInt(6)) {
            case 0 -> command(OpCode.SET, key, value);
            case 1 -> command(OpCode.APPEND, key, "-" + client + "." + sequence);
            case 2 -> command(OpCode.CAS, key, value, Long.toString(sequence));
            case 3 -> incrby(key, 1 + random.nextInt(5));
            case 4 -> command(OpCode.DEL, key, "key0");
            default -> command(OpCode.GET, key);
        };
    }

    private static byte[] bytesOf(DirectBuffer command) {
        final byte[] bytes = new byte[command.capacity()];
        command.getBytes(0, bytes);
        return bytes;
    }
}
