package io.balsa.raft.testkit;

import java.util.Arrays;

/**
 * Virtual time: actions run in the order of their times, those of one time in the order they were scheduled. A binary
 * heap over plain arrays, because the simulator spends much of its time here.
 */
public final class Schedule {
    private long[] times = new long[1024];
    private long[] orders = new long[1024];
    private Runnable[] actions = new Runnable[1024];
    private int size;
    private long nextOrder;
    private long now;
    private long executed;

    /** Nanoseconds since the run began. */
    public long now() {
        return now;
    }

    /** How many actions have yet to run. */
    public int pending() {
        return size;
    }

    /** How many actions have run. */
    public long executed() {
        return executed;
    }

    /** Runs {@code action} at {@code time}, or at once if that has passed. */
    public void at(long time, Runnable action) {
        if (size == times.length) {
            times = Arrays.copyOf(times, 2 * size);
            orders = Arrays.copyOf(orders, 2 * size);
            actions = Arrays.copyOf(actions, 2 * size);
        }
        siftUp(size++, Math.max(time, now), nextOrder++, action);
    }

    public void after(long delayNs, Runnable action) {
        at(now + delayNs, action);
    }

    /** Runs the next action if it is due by {@code until}; otherwise moves time there and returns false. */
    public boolean runNext(long until) {
        if (size == 0 || times[0] > until) {
            now = Math.max(now, until);
            return false;
        }
        now = times[0];
        final Runnable action = actions[0];
        size--;
        final Runnable last = actions[size];
        actions[size] = null;
        if (size > 0) {
            siftDown(times[size], orders[size], last);
        }
        executed++;
        action.run();
        return true;
    }

    private void siftUp(int from, long time, long order, Runnable action) {
        int hole = from;
        while (hole > 0) {
            final int parent = (hole - 1) >>> 1;
            if (isBefore(times[parent], orders[parent], time, order)) {
                break;
            }
            move(parent, hole);
            hole = parent;
        }
        put(hole, time, order, action);
    }

    private void siftDown(long time, long order, Runnable action) {
        int hole = 0;
        while (true) {
            int child = 2 * hole + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && isBefore(times[child + 1], orders[child + 1], times[child], orders[child])) {
                child++;
            }
            if (isBefore(time, order, times[child], orders[child])) {
                break;
            }
            move(child, hole);
            hole = child;
        }
        put(hole, time, order, action);
    }

    private static boolean isBefore(long time, long order, long otherTime, long otherOrder) {
        return time < otherTime || (time == otherTime && order < otherOrder);
    }

    private void move(int from, int to) {
        put(to, times[from], orders[from], actions[from]);
    }

    private void put(int slot, long time, long order, Runnable action) {
        times[slot] = time;
        orders[slot] = order;
        actions[slot] = action;
    }
}
