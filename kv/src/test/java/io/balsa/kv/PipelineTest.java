package io.balsa.kv;

import static io.balsa.kv.Commands.command;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import io.balsa.kv.FakeCluster.Fate;
import io.balsa.kv.wire.OpCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a connection's sessions do where no client can see them. */
@Timeout(30)
class PipelineTest {
    private static final int KEPT_REPLIES = 1;

    private final FakeCluster cluster = new FakeCluster(1, new Sessions.Bounds(8, KEPT_REPLIES, 1 << 20, 64 << 20));
    private final Upstreams upstreams = new Upstreams();
    private final SessionPool sessions = new SessionPool(8);
    private final Pipeline pipeline = new Pipeline(new Router(cluster.member(0), cluster.machines.get(0), upstreams),
        sessions, Duration.ofSeconds(5).toNanos());

    @AfterEach
    void stop() {
        upstreams.close();
        cluster.close();
    }

    @Test
    void aSessionThatCountsOtherwiseIsGivenUpForAnother() throws IOException {
        final NodeSession ahead = new NodeSession(open());
        ahead.assign(); // and nobody executed it
        sessions.giveBack(ahead);
        assertEquals(List.of(new KvReply.Int(1)), run(append("k", "a")));
        assertEquals(List.of(new KvReply.Int(2), new KvReply.Int(3)), run(append("k", "b"), append("k", "c")));
        assertEquals("abc", value("k"));
    }

    @Test
    void whenTheSessionUsedLastHasExpiredTheOlderOnesAreNotTriedOneByOne() throws IOException {
        for (int i = 0; i < 5; i++) {
            sessions.giveBack(new NodeSession(1_000 + i)); // never opened, as good as expired
        }
        assertEquals(List.of(new KvReply.Int(1)), run(append("k", "a")));
        assertEquals(3, cluster.applied(), "one that has expired, one opened, one append");
    }

    @Test
    void aWriteWhoseReplyTheGroupNoLongerKeepsIsUnknownAndNotRunAgain() throws IOException {
        run(append("other", "x"));
        cluster.fates.addAll(List.of(Fate.COMMIT_AND_LOSE, Fate.COMMIT));
        final List<KvReply> replies = run(append("k", "a"), append("k", "b"));
        assertTrue(replies.get(0) instanceof KvReply.Failure failure && failure.code() == KvReply.Code.UNKNOWN,
            replies.toString());
        assertEquals(new KvReply.Int(2), replies.get(1));
        assertEquals("ab", value("k"));
    }

    private long open() throws IOException {
        return ((KvReply.Int) run(Slot.of(new Call.OpenSession())).getFirst()).value();
    }

    private List<KvReply> run(Slot... slots) throws IOException {
        final List<KvReply> replies = new ArrayList<>();
        pipeline.run(Arrays.asList(slots), (position, reply) -> replies.add(reply));
        return replies;
    }

    private String value(String key) {
        return Commands.text(cluster.machines.get(0).view().map().get(Commands.bytes(key)));
    }

    private static Slot append(String key, String suffix) {
        return Slot.of(new Call.Update(command(OpCode.APPEND, key, suffix)));
    }
}
