package io.balsa.benchmarks.rig;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;

/** A caller, a gate and a member that answers at once, over a real connection. */
final class GateTest {
    private static final int NODE = 1;

    private static final class Echo implements Member {
        private final Answers answers;
        private final AtomicReference<byte[]> last = new AtomicReference<>();
        private final AtomicInteger reads = new AtomicInteger();

        Echo(Answers answers) {
            this.answers = answers;
        }

        @Override
        public boolean leads() {
            return true;
        }

        @Override
        public boolean propose(int slot, Command command) {
            last.set(command.bytes());
            answers.done(slot);
            return true;
        }

        @Override
        public boolean read(int slot) {
            reads.incrementAndGet();
            answers.done(slot);
            return true;
        }

        @Override
        public void close() {
        }
    }

    private static final class ByThread implements Nodes {
        private final Gate gate = new Gate();
        private final Echo member = new Echo(gate);
        private Thread serving;

        @Override
        public void start() {
            serving = Thread.ofPlatform().daemon().start(() -> {
                try {
                    gate.serve(Ports.of(NODE, Ports.GATE), member);
                } catch (Exception interrupted) {
                    Thread.currentThread().interrupt();
                }
            });
        }

        @Override
        public void close() {
            serving.interrupt();
        }
    }

    @Test
    void theCallerFindsTheLeaderAndEveryOperationIsAnsweredOnce() throws Exception {
        final ByThread nodes = new ByThread();
        try (GateSubject subject = new GateSubject(nodes)) {
            final Caller caller = new Caller(subject);
            subject.start(caller);
            final Command[] commands = Command.all(100);
            caller.firstAnswer(slot -> subject.propose(slot, commands[7]));
            assertEquals(NODE, subject.leader());
            assertArrayEquals(commands[7].bytes(), nodes.member.last.get());

            final long written = caller.closedLoop(caller.writes(commands), 64, TimeUnit.MILLISECONDS.toNanos(200))
                .getTotalCount();
            assertTrue(written > 64, written + " writes");
            final long read = caller.closedLoop(subject::read, 64, TimeUnit.MILLISECONDS.toNanos(200)).getTotalCount();
            assertEquals(nodes.member.reads.get(), read);
        }
    }
}
