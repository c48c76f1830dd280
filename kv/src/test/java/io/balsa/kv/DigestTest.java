package io.balsa.kv;

import static io.balsa.kv.Commands.bytes;
import static io.balsa.kv.Commands.command;
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
    private final Random random = new Random(7);

    @Test
    void whatIsKeptFromCommandToCommandIsWhatAWholeCountFinds() {
        final KvStateMachine machine = new KvStateMachine(RandomCommands.SMALL);
        final RandomCommands commands = new RandomCommands(7);
        long most = 0;
        for (long index = 1; index <= 20_000; index++) {
            commands.answered(index, applied(machine, index, commands.next()));
            assertEquals(countedAnew(machine), machine.stateHash(), "after entry " + index);
            most = Math.max(most, machine.view().map().size());
        }
        assertTrue(most > 20 && machine.sessionCount() > 2 && commands.clients() > 100, "a run worth looking at");
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
        final KvStateMachine one = new KvStateMachine(RandomCommands.SMALL);
        final KvStateMachine other = new KvStateMachine(RandomCommands.SMALL);
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
