package io.balsa.kv;

import static io.balsa.kv.Commands.command;
import static io.balsa.kv.Commands.incrby;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import io.balsa.kv.wire.OpCode;
import org.agrona.DirectBuffer;

/** Commands of the newest few clients and of some long gone: next numbers, old ones, gaps, and all operations. */
final class RandomCommands {
    /** Bounds that these commands reach, all of them, again and again. */
    static final Sessions.Bounds SMALL = new Sessions.Bounds(5, 6, 400, 700);

    private final Random random;
    private final List<Long> clients = new ArrayList<>(List.of(99L)); // never opened

    RandomCommands(long seed) {
        random = new Random(seed);
    }

    DirectBuffer next() {
        final long client = clients.get(Math.max(0, clients.size() - 1 - random.nextInt(8)));
        return switch (random.nextInt(40)) {
            case 0 -> Commands.open();
            case 1 -> random.nextInt(4) == 0 ? Commands.close(client) : Commands.open();
            default -> {
                final long sequence = 1 + random.nextInt(8);
                yield Commands.execute(client, sequence, sequence - 1 - random.nextInt(6), operation());
            }
        };
    }

    /** Takes note of a session that was opened. */
    void answered(long index, KvReply reply) {
        if (reply instanceof KvReply.Int opened && opened.value() == index) {
            clients.add(index);
        }
    }

    int clients() {
        return clients.size();
    }

    private Command operation() {
        return switch (random.nextInt(10)) {
            case 0 -> command(OpCode.APPEND, key(), "x".repeat(random.nextInt(20)));
            case 1 -> command(OpCode.DEL, key(), key());
            case 2 -> command(OpCode.CAS, key(), "1", "2");
            case 3 -> command(OpCode.CASABSENT, key(), "1");
            case 4 -> incrby(key(), random.nextInt());
            case 5 -> command(OpCode.MGET, key(), key(), key());
            case 6 -> command(OpCode.MSET, key(), "1", key(), "2", key(), "3");
            case 7 -> command(OpCode.GET, key());
            default -> command(OpCode.SET, key(), "v".repeat(random.nextInt(300)));
        };
    }

    private String key() {
        return "k" + random.nextInt(40);
    }
}
