package io.balsa.kv;

import static io.balsa.kv.Commands.bulk;
import static io.balsa.kv.Commands.command;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;

import io.balsa.kv.wire.OpCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The replica in this process, asked without waiting. */
@Timeout(30)
class LocalRouteTest {
    private final FakeCluster cluster = new FakeCluster(1);
    private final LocalRoute route = new LocalRoute(cluster.member(0), cluster.machines.get(0));

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void aReadShowsTheWriteSubmittedBeforeItThoughNeitherWasDoneThen() {
        final long client = ((KvReply.Int) answer(route.submit(new Call.OpenSession()))).value();
        cluster.shutGate();
        final Attempt write = route.submit(client, 1, 0, command(OpCode.SET, "k", "new"));
        final Attempt read = route.submit(new Call.Point(command(OpCode.GET, "k")));
        cluster.openGate();
        assertEquals(KvReply.Ok.OK, answer(write));
        assertEquals(bulk("new"), answer(read));
    }

    private static KvReply answer(Attempt attempt) {
        return ((Attempt.Result.Answered) attempt.await(System.nanoTime() + Duration.ofSeconds(20).toNanos())).reply();
    }
}
