package io.balsa.kv;

import static io.balsa.kv.Commands.bytes;
import static io.balsa.kv.Commands.command;
import static io.balsa.kv.Commands.incrby;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

import io.balsa.kv.wire.OpCode;
import io.balsa.raft.spi.StateMachine;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;

/** The digest kept from command to command is that of the state, whatever way led there. */
class DigestTest {
    private static final Sessions.Bounds SMALL = new Sessions.Bounds(5, 6, 400, 1_200);

    private final Random random = new Random(7);

    @Test
    void whatIsKeptFromCommandToCommandIsWhatAWholeCountFinds() {
        final KvStateMachine machine = new KvStateMachine(SMALL);
        final List<Long> clients = new ArrayList<>(List.of(99L)); // never opened
        long most = 0;
        for (long index = 1; index <= 20_000; index++) {
            final KvReply reply = applied(machine, index, randomCommand(clients));
            if (reply instanceof KvReply.Int opened && opened.value() == index) {
                clients.add(index);
            }
            assertEquals(countedAnew(machine), machine.stateHash(), "after entry " + index);
            most = Math.max(most, machine.view().map().size());
        }
        assertTrue(most > 20 && machine.sessionCount() > 2 && clients.size() > 100, "a run worth looking at");
    }

    @Test
    void theOrderInWhichPairsCameIsForgotten() {
        final List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            numbers.add(i);
        }
        final Set<Long> digests = new HashSet<>();
        for (int round = 0; round < 10; round++) {
            Collections.shuffle(numbers, random);
            KvView view = KvView.EMPTY.with(bytes("gone"), bytes("soon"));
            for (final int number : numbers) {
                view = view.with(bytes("k" + number), bytes("first")).with(bytes("k" + number), bytes("v" + number));
            }
            digests.add(view.without(bytes("gone")).without(bytes("never there")).digest());
        }
        assertEquals(1, digests.size());
    }

    @Test
    void whatDiffersHasAnotherDigest() {
        final Set<Long> digests = new HashSet<>();
        int states = 0;
        for (int length = 0; length < 40; length++) {
            digests.add(KvView.EMPTY.with(new byte[length], new byte[length]).digest());
            states++;
            for (int i = 0; i < length; i++) {
                for (int bit = 0; bit < 8; bit++) {
                    final byte[] touched = new byte[length];
                    touched[i] = (byte) (1 << bit);
                    digests.add(KvView.EMPTY.with(touched, new byte[length]).digest());
                    digests.add(KvView.EMPTY.with(new byte[length], touched).digest());
                    states += 2;
                }
            }
        }
        assertEquals(states, digests.size());
        assertNotEquals(KvView.EMPTY.with(bytes("a"), bytes("b")).with(bytes("c"), bytes("d")).digest(),
            KvView.EMPTY.with(bytes("a"), bytes("d")).with(bytes("c"), bytes("b")).digest(), "values changed places");
        assertNotEquals(KvView.EMPTY.with(bytes("a"), bytes("b")).digest(),
            KvView.EMPTY.with(bytes("b"), bytes("a")).digest());
    }

    @Test
    void whichSessionWasUsedLastIsPartOfTheState() {
        final KvStateMachine one = new KvStateMachine(SMALL);
        final KvStateMachine other = new KvStateMachine(SMALL);
        for (final KvStateMachine machine : List.of(one, other)) {
            applied(machine, 1, Commands.open());
            applied(machine, 2, Commands.open());
        }
        assertEquals(one.stateHash(), other.stateHash());
        applied(one, 3, Commands.execute(1, 1, 0, command(OpCode.GET, "k")));
        applied(one, 4, Commands.execute(2, 1, 0, command(OpCode.GET, "k")));
        applied(other, 3, Commands.execute(2, 1, 0, command(OpCode.GET, "k")));
        assertNotEquals(one.stateHash(), other.stateHash());
        applied(other, 4, Commands.execute(1, 1, 0, command(OpCode.GET, "k")));
        assertNotEquals(one.stateHash(), other.stateHash(), "the same but for who goes first when there is no room");
    }

    private DirectBuffer randomCommand(List<Long> clients) {
        final long client = clients.get(Math.max(0, clients.size() - 1 - random.nextInt(8)));
        return switch (random.nextInt(40)) {
            case 0 -> Commands.open();
            case 1 -> random.nextInt(4) == 0 ? Commands.close(client) : Commands.open();
            default -> {
                final long sequence = 1 + random.nextInt(8);
                yield Commands.execute(client, sequence, sequence - 1 - random.nextInt(6), randomOperation());
            }
        };
    }

    private Command randomOperation() {
        return switch (random.nextInt(9)) {
            case 0 -> command(OpCode.APPEND, key(), "x".repeat(random.nextInt(20)));
            case 1 -> command(OpCode.DEL, key(), key());
            case 2 -> command(OpCode.CAS, key(), "1", "2");
            case 3 -> command(OpCode.CASABSENT, key(), "1");
            case 4 -> incrby(key(), random.nextInt());
            case 5 -> command(OpCode.MGET, key(), key(), key());
            case 6 -> command(OpCode.MSET, key(), "1", key(), "2", key(), "3");
            default -> command(OpCode.SET, key(), "v".repeat(random.nextInt(300)));
        };
    }

    private String key() {
        return "k" + random.nextInt(40);
    }

    private static KvReply applied(KvStateMachine machine, long index, DirectBuffer command) {
        return machine.apply(index, 1, command, 0, command.capacity());
    }

    private static long countedAnew(KvStateMachine machine) {
        long pairs = 0;
        for (final Map.Entry<byte[], byte[]> pair : machine.view().map().entrySet()) {
            pairs += Digest.of(pair.getKey(), pair.getValue());
        }
        final Session ends = machine.sessions.ends;
        long sessions = Digest.of(ends.client, ends.newer.client);
        for (Session session = ends.newer; session != ends; session = session.newer) {
            sessions += countedAnew(session) + Digest.of(session.client, session.newer.client);
        }
        final long digest = Digest.of(pairs, sessions);
        return digest == StateMachine.NO_HASH ? 1 : digest;
    }

    private static long countedAnew(Session session) {
        long replies = 0;
        long first = session.lastSequence() + 1;
        while (first > 1 && session.reply(first - 1) != null) {
            first--;
            replies += Digest.of(first, Digest.of(session.reply(first)));
        }
        return Digest.of(Digest.of(session.client, session.lastSequence()), Digest.of(first, replies));
    }
}
