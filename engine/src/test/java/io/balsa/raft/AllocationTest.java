package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.management.ManagementFactory;

import com.sun.management.ThreadMXBean;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A committed entry costs no garbage, from the offer to the completion, on all three nodes together. */
class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int BATCH = 64;
    private static final int WARM_UP = 3_000;
    private static final int MEASURED = 1_000;
    private static final Long REPLY = 1L;

    private final AgentGroup group = new AgentGroup(3, 4 * BATCH, 128, 1 << 20,
        (index, term, command, offset, length) -> REPLY);
    private final UnsafeBuffer command = new UnsafeBuffer(new byte[100]);
    private final AgentGroup.Answers answers = new AgentGroup.Answers();

    @Test
    @DisplayName("0 bytes per committed entry: offer, append, replicate, acknowledge, commit, apply, complete")
    void noGarbagePerCommittedEntry() {
        final RaftAgent<Long> leader = group.elect(1);
        commit(leader, WARM_UP);
        final long before = THREADS.getCurrentThreadAllocatedBytes();
        commit(leader, MEASURED);
        final long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertEquals(BATCH * (WARM_UP + MEASURED), answers.committed);
        assertEquals(0, allocated, "bytes for " + BATCH * MEASURED + " entries on three nodes");
    }

    private void commit(RaftAgent<Long> leader, int batches) {
        for (int batch = 0; batch < batches; batch++) {
            final int wanted = answers.committed + BATCH;
            for (int i = 0; i < BATCH; i++) {
                leader.offer(command, 0, 100, answers);
            }
            while (answers.committed < wanted) {
                group.cycle();
            }
        }
    }
}
