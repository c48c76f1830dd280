package io.balsa.raft;

import java.util.concurrent.atomic.AtomicReferenceArray;

import org.agrona.concurrent.ManyToManyConcurrentArrayQueue;

/**
 * Who waits for what, by a small number that fits into a ring record: a bound on how much may be under way, and no
 * allocation per command. A slot is taken by the calling thread and freed by the loop thread.
 */
final class Slots {
    static final int NONE = -1;

    private final AtomicReferenceArray<Object> waiter;
    private final ManyToManyConcurrentArrayQueue<Integer> free;
    private final Integer[] number;

    Slots(int count) {
        number = new Integer[count];
        waiter = new AtomicReferenceArray<>(count);
        free = new ManyToManyConcurrentArrayQueue<>(Math.max(2, count));
        for (int i = 0; i < count; i++) {
            number[i] = i; // boxed once, here
            free.offer(number[i]);
        }
    }

    /** @return a slot, or {@link #NONE} when as much is under way as may be */
    int take(Object aWaiter) {
        final Integer slot = free.poll();
        if (slot == null) {
            return NONE;
        }
        waiter.setPlain(slot, aWaiter); // published with the ring record that names the slot
        return slot;
    }

    Object free(int slot) {
        final Object whom = waiter.getPlain(slot);
        waiter.setPlain(slot, null);
        free.offer(number[slot]);
        return whom;
    }

    boolean allAreFree() {
        return free.size() == number.length;
    }
}
