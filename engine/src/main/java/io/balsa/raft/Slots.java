package io.balsa.raft;

import java.util.concurrent.atomic.AtomicReferenceArray;

import org.agrona.concurrent.ManyToManyConcurrentArrayQueue;

/**
 * Who waits for what, by a small number that fits into a ring record: a bound on how much may be under way, and no
 * allocation per command. A slot is taken by the calling thread and freed by the loop thread, or by the caller itself
 * when its command was refused.
 */
final class Slots {
    static final int NONE = -1;

    private final AtomicReferenceArray<Object> waiter;
    private final ManyToManyConcurrentArrayQueue<Integer> free;
    private final Integer[] number;

    Slots(int count) {
        number = new Integer[count];
        waiter = new AtomicReferenceArray<>(count);
        free = new ManyToManyConcurrentArrayQueue<>(2 * count); // twice: see free()
        for (int i = 0; i < count; i++) {
            number[i] = i; // boxed once, here
            free.offer(number[i]);
        }
    }

    /** Returns a slot, or {@link #NONE} when as much is under way as may be. */
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
        // The queue refuses, though it has room, while a caller taking from the very cell has not finished. With twice
        // the cells that caller must be a whole round behind; a slot that was not put back would be lost.
        while (!free.offer(number[slot])) {
            Thread.onSpinWait();
        }
        return whom;
    }

    boolean allAreFree() {
        return free.size() == number.length;
    }
}
