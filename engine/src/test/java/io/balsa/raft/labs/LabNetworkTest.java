package io.balsa.raft.labs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;

import io.balsa.raft.spi.Transport;
import io.balsa.raft.testkit.Faults;
import io.balsa.raft.testkit.LabNetwork;
import io.balsa.raft.testkit.Schedule;
import io.balsa.raft.testkit.SimNetwork;
import io.balsa.raft.wire.BooleanType;
import io.balsa.raft.wire.HelloEncoder;
import io.balsa.raft.wire.InstallSnapshotEncoder;
import io.balsa.raft.wire.MessageHeaderEncoder;
import io.balsa.raft.wire.RequestVoteEncoder;
import io.balsa.raft.wire.SnapshotResultEncoder;
import io.balsa.raft.wire.VoteEncoder;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The labs' network against the labs' own test of theirs, as far as frames can be compared with calls. */
@DisplayName("Labs: the network")
class LabNetworkTest {
    private static final long MS = 1_000_000;
    private static final int CLIENT = 0;
    private static final int SERVER = 1;
    private static final int REQUEST_BYTES =
        MessageHeaderEncoder.ENCODED_LENGTH + RequestVoteEncoder.BLOCK_LENGTH;
    /** Both frames name their call where they name a term. */
    private static final int TERM_OFFSET =
        MessageHeaderEncoder.ENCODED_LENGTH + RequestVoteEncoder.termEncodingOffset();
    private static final int REPLY_BYTES = MessageHeaderEncoder.ENCODED_LENGTH + VoteEncoder.BLOCK_LENGTH;

    private final UnsafeBuffer frame = new UnsafeBuffer(new byte[1024]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final RequestVoteEncoder request = new RequestVoteEncoder();
    private final VoteEncoder reply = new VoteEncoder();
    private final List<Long> requestsSeen = new ArrayList<>();
    private final List<Long> repliesSeen = new ArrayList<>();
    private final List<Long> repliedAt = new ArrayList<>();
    private final Schedule schedule = new Schedule();
    private final LabNetwork rule = new LabNetwork(3, new SplittableRandom(7));
    private final SimNetwork network = new SimNetwork(3, new int[] {4 << 10, 32 << 10, 32 << 10},
        new int[] {64 << 20, 64 << 20, 64 << 20}, schedule, new SplittableRandom(1), Faults.none().network(),
        SimNetwork.Observer.NONE);
    private final Transport client;
    private final Transport server;

    LabNetworkTest() {
        network.setRule(rule);
        client = network.connect(CLIENT);
        server = network.connect(SERVER);
    }

    @Test
    @DisplayName("NET-01 basic: what is asked arrives, and so does the answer")
    void basic() {
        call(1);
        play(10);
        assertEquals(List.of(1L), requestsSeen);
        assertEquals(List.of(1L), repliesSeen);
    }

    @Test
    @DisplayName("NET-03 disable: nothing passes a cut link, and everything once it is joined")
    void disable() {
        disable(true);
        call(1);
        play(10);
        assertEquals(List.of(), requestsSeen);
        disable(false);
        call(2);
        play(10);
        assertEquals(List.of(2L), repliesSeen);
    }

    @Test
    @DisplayName("a frame under way is lost when its link is cut before it arrives")
    void cutUnderWay() {
        call(1);
        disable(true);
        play(10);
        assertEquals(List.of(), requestsSeen);
        assertEquals(1, rule.requests());
    }

    @Test
    @DisplayName("NET-04 17 calls are counted, in all and where they arrived; a greeting is none")
    void counts() {
        for (int i = 0; i < 17; i++) {
            call(i);
            play(10);
        }
        final HelloEncoder hello = new HelloEncoder().wrapAndApplyHeader(frame, 0, header);
        hello.answer(BooleanType.NO).advertised("");
        client.offer(SERVER, Transport.CONTROL, frame, 0, hello.limit());
        play(10);
        assertEquals(17, rule.requests());
        assertEquals(17, rule.received(SERVER));
        assertEquals(0, rule.received(CLIENT));
        assertEquals(1, rule.greetings());
        disable(true);
        call(18);
        play(10);
        assertEquals(18, rule.requests(), "a call to a server that cannot hear counts as one");
        assertEquals(17, rule.received(SERVER));
    }

    @Test
    @DisplayName("NET-05 bytes: every request, and the replies that arrive")
    void bytes() {
        for (int i = 0; i < 17; i++) {
            call(i);
        }
        play(10);
        assertEquals(17 * (REQUEST_BYTES + REPLY_BYTES), rule.bytes());
        network.cut(SERVER, CLIENT);
        call(17);
        play(10);
        assertEquals(18 * REQUEST_BYTES + 17 * REPLY_BYTES, rule.bytes());
    }

    @Test
    @DisplayName("InstallSnapshot is a request, its answer a reply")
    void snapshots() {
        final InstallSnapshotEncoder install = new InstallSnapshotEncoder().wrapAndApplyHeader(frame, 0, header);
        assertTrue(rule.onOffer(CLIENT, SERVER, frame, 0, install.limit()) > 0);
        assertEquals(1, rule.requests());
        final SnapshotResultEncoder answer = new SnapshotResultEncoder().wrapAndApplyHeader(frame, 0, header);
        assertTrue(rule.onOffer(SERVER, CLIENT, frame, 0, answer.limit()) > 0);
        assertEquals(1, rule.requests());
    }

    @Test
    @DisplayName("NET-06 200 at once: each is answered once, in any order")
    void concurrent() {
        for (int i = 0; i < 200; i++) {
            call(i);
        }
        play(10);
        assertEquals(200, new HashSet<>(repliesSeen).size());
        assertEquals(200, repliesSeen.size());
        assertTrue(!requestsSeen.equals(requestsSeen.stream().sorted().toList()), "none has overtaken another");
    }

    @Test
    @DisplayName("NET-07 unreliable: of 300 calls some 270 are executed, some 243 answered")
    void unreliable() {
        rule.setUnreliable(true);
        for (int i = 0; i < 300; i++) {
            call(i);
            play(30);
        }
        assertTrue(Math.abs(requestsSeen.size() - 270) < 25, requestsSeen.size() + " of 300 executed");
        assertTrue(Math.abs(repliesSeen.size() - 243) < 30, repliesSeen.size() + " of 300 answered");
    }

    @Test
    @DisplayName("NET-08 unreliable, 20 at once: some are lost, some overtaken")
    void concurrentUnreliable() {
        rule.setUnreliable(true);
        for (int i = 0; i < 20; i++) {
            call(i);
        }
        play(30);
        assertTrue(repliesSeen.size() < 20 && repliesSeen.size() > 5, repliesSeen.size() + " of 20 answered");
        assertTrue(!requestsSeen.equals(requestsSeen.stream().sorted().toList()), "none has overtaken another");
    }

    @Test
    @DisplayName("NET-09 20 calls while disabled: none delays one made after, and that one alone is executed")
    void regression() {
        disable(true);
        for (int i = 0; i < 20; i++) {
            call(i);
        }
        play(100);
        disable(false);
        final long before = schedule.now();
        call(20);
        play(30);
        assertEquals(List.of(20L), requestsSeen);
        assertEquals(1, rule.received(SERVER));
        assertTrue(repliedAt.get(0) - before <= 30 * MS);
    }

    @Test
    @DisplayName("NET-10 a server that is removed while it works never answers")
    void removedServer() {
        call(1);
        schedule.runNext(schedule.now() + MS); // the request arrives
        network.disconnect(SERVER);
        play(7_000);
        assertEquals(List.of(), repliesSeen);
    }

    @Test
    @DisplayName("long reordering: two replies in three take 0.2 to 2.2 s, 0.7 s on average; requests are left alone")
    void longReordering() {
        rule.setUnreliable(true);
        rule.setLongReordering(true);
        int lost = 0;
        int late = 0;
        long sum = 0;
        for (int i = 0; i < 10_000; i++) {
            final long ns = rule.drawReply();
            if (ns == SimNetwork.Rule.LOST) {
                lost++;
            } else if (ns > MS) {
                assertTrue(ns >= 200 * MS && ns <= 2_200 * MS, ns + " ns");
                late++;
                sum += ns;
            }
            assertTrue(rule.drawRequest() <= 27 * MS);
        }
        assertEquals(1_000, lost, 150);
        assertEquals(6_000, late, 200);
        assertEquals(700.0, sum / 1e6 / late, 20);
    }

    @Test
    @DisplayName("NET-11 100,000 calls, each counted and answered")
    void many() {
        for (int i = 0; i < 100_000; i++) {
            call(i);
            play(1);
        }
        assertEquals(100_000, repliesSeen.size());
        assertEquals(100_000, rule.received(SERVER));
    }

    private void call(long number) {
        request.wrapAndApplyHeader(frame, 0, header).term(number).lastLogIndex(0).lastLogTerm(0)
            .preVote(BooleanType.NO);
        assertEquals(Transport.ACCEPTED, client.offer(SERVER, Transport.CONTROL, frame, 0, request.limit()));
    }

    private void disable(boolean cut) {
        if (cut) {
            network.cut(CLIENT, SERVER);
            network.cut(SERVER, CLIENT);
        } else {
            network.join(CLIENT, SERVER);
            network.join(SERVER, CLIENT);
        }
    }

    /** Time passes; the server answers each request in the moment it arrives. */
    private void play(long ms) {
        final long end = schedule.now() + ms * MS;
        boolean more = true;
        while (more) {
            more = schedule.runNext(end);
            serve();
            client.poll((buffer, offset, length) -> {
                repliesSeen.add(buffer.getLong(offset + TERM_OFFSET));
                repliedAt.add(schedule.now());
            }, 100);
        }
    }

    private void serve() {
        server.poll((buffer, offset, length) -> {
            final long number = buffer.getLong(offset + TERM_OFFSET);
            requestsSeen.add(number);
            reply.wrapAndApplyHeader(frame, 0, header).term(number).granted(BooleanType.YES).preVote(BooleanType.NO);
            server.offer(CLIENT, Transport.CONTROL, frame, 0, reply.limit());
        }, 100);
    }
}
