package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;

import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.Transport;
import io.balsa.raft.wire.AppendPartDecoder;
import io.balsa.raft.wire.MessageHeaderDecoder;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A long entry in parts: what leaves, and what leaves again. */
class OutboxTest {
    private static final int COMMAND_BYTES = 10_000;

    private final Loopback network = new Loopback(2, 4 << 10);
    private final RingLog log = new RingLog(4, COMMAND_BYTES);
    private final Outbox outbox = outbox();

    private Outbox outbox() {
        log.append(1, RaftLog.COMMAND, new UnsafeBuffer(new byte[COMMAND_BYTES]), 0, COMMAND_BYTES);
        final Links links = new Links(new int[] {2}, 1, 1, 0);
        links.onHello(0, 2, Links.UNKNOWN, 1, Links.NO_CLAIM, Links.NO_CLAIM, "");
        return new Outbox(network.port(1), log, links, new StateChecks(1, new int[] {2}, 0), MemoryStorage.CLUSTER,
            1, 1, 1, true, "");
    }

    /** Sends entry 1; returns where the parts begin that arrived. */
    private List<Integer> sent(int expectedCode) {
        assertEquals(expectedCode, outbox.appendEntries(0, 1, 1, 0, 0, 0, 1));
        final MessageHeaderDecoder header = new MessageHeaderDecoder();
        final AppendPartDecoder part = new AppendPartDecoder();
        final List<Integer> offsets = new ArrayList<>();
        network.port(2).poll((buffer, offset, length) -> {
            part.wrapAndApplyHeader(buffer, offset, header);
            offsets.add(part.partOffset());
        }, 100);
        return offsets;
    }

    @Test
    @DisplayName("an entry in parts is sent from its first part whenever it is asked for anew")
    void anEntryInPartsIsSentFromItsFirstPartWheneverItIsAskedFor() {
        final List<Integer> first = sent(Transport.ACCEPTED);
        assertEquals(3, first.size());
        assertEquals(0, first.getFirst());
        assertEquals(first, sent(Transport.ACCEPTED), "the first attempt may have been lost");
        network.port(1).appendAnswer[1] = Transport.NOT_CONNECTED;
        assertTrue(sent(Transport.NOT_CONNECTED).isEmpty());
        network.port(1).appendAnswer[1] = Transport.ACCEPTED;
        assertEquals(first, sent(Transport.ACCEPTED));
    }
}
