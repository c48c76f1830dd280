package io.balsa.raft.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

import io.balsa.raft.testkit.checks.Violation;

/**
 * Scripts that run side by side in virtual time, written as if each had a thread and a clock of its own. Exactly one
 * runs at any moment: whoever sleeps or waits hands the baton back to the main script, whose thread plays the
 * {@link Schedule} meanwhile. So a run is as deterministic as the schedule, and scripts share state without locks.
 */
public final class Scripts implements AutoCloseable {
    /** Plays what is due next, up to a time; see {@link Schedule#runNext}. */
    @FunctionalInterface
    interface Player {
        boolean runNext(long untilNs);
    }

    /** Thrown through a script that is still under way when its test ends. */
    private static final class Ended extends Error {
        private static final long serialVersionUID = 1L;

        Ended() {
            super("the test has ended", null, false, false);
        }
    }

    private final Schedule schedule;
    private final Player player;
    private final long limitNs;
    private final Semaphore baton = new Semaphore(0);
    private final List<Script> scripts = new ArrayList<>();
    private Script running;
    private boolean closed;

    /**
     * The calling thread's script is the main one.
     *
     * @param limitNs by then main must have ended
     */
    Scripts(Schedule schedule, Player player, long limitNs) {
        this.schedule = schedule;
        this.player = player;
        this.limitNs = limitNs;
    }

    /** Starts another script beside the present one. What it throws ends the test. */
    public Script fork(String name, Runnable body) {
        final Script script = new Script(name, body);
        scripts.add(script);
        script.resumeAt(schedule.now());
        return script;
    }

    /** The calling script sleeps. */
    public void sleepNs(long ns) {
        new Gate().await(ns);
    }

    /** Something to wait for. */
    public Gate gate() {
        return new Gate();
    }

    /** Ends the scripts that are still under way. */
    @Override
    public void close() {
        closed = true;
        scripts.forEach(Script::end);
    }

    /** Opens once and stays open. */
    public final class Gate {
        private final List<Script> waiting = new ArrayList<>(1);
        private boolean open;

        private Gate() {
        }

        /** Lets all go on that wait here; they run a little later, not inside this call. */
        public void open() {
            open = true;
            waiting.forEach(script -> script.resumeAt(schedule.now()));
            waiting.clear();
        }

        public boolean isOpen() {
            return open;
        }

        /** The calling script waits at most this long; returns whether the gate is open. */
        public boolean await(long ns) {
            final long deadline = schedule.now() + ns;
            if (running == null) {
                while (!open && player.runNext(Math.min(deadline, limitNs))) {
                    // time passes
                }
                if (!open && deadline > limitNs) {
                    throw new Violation("the test takes longer than the " + limitNs / 1_000_000 + " ms it has");
                }
            } else if (!open) {
                final Script self = running;
                waiting.add(self);
                self.resumeAt(deadline);
                self.pause();
                waiting.remove(self);
            }
            return open;
        }
    }

    /** One script and the thread that carries it. */
    public final class Script {
        private final Thread carrier;
        private final Semaphore turn = new Semaphore(0);
        private final Gate done = new Gate();
        private long pauses;
        private boolean started;
        private boolean ended;
        private Throwable failure;

        private Script(String name, Runnable body) {
            carrier = Thread.ofVirtual().name(name).unstarted(() -> carry(body));
        }

        /** The calling script waits until this one has ended, at most this long; returns whether it has. */
        public boolean join(long ns) {
            return done.await(ns);
        }

        private void carry(Runnable body) {
            try {
                body.run();
            } catch (Ended end) {
                // as it was asked to
            } catch (Throwable broken) {
                failure = broken;
            }
            ended = true;
            done.open();
            baton.release();
        }

        private void resumeAt(long time) {
            final long pause = pauses;
            schedule.at(time, () -> {
                // a wait that has ended otherwise left its deadline behind
                if (pause == pauses && !ended) {
                    run();
                }
            });
        }

        /** On the main thread: this script's turn, until it pauses or ends. */
        private void run() {
            pauses++;
            running = this;
            if (started) {
                turn.release();
            } else {
                started = true;
                carrier.start();
            }
            baton.acquireUninterruptibly();
            running = null;
            if (failure != null) {
                throw new Violation("script " + carrier.getName() + ": " + failure.getMessage(), failure);
            }
        }

        /** On this script's thread. */
        private void pause() {
            if (!closed) {
                baton.release();
                turn.acquireUninterruptibly();
            }
            if (closed) {
                throw new Ended();
            }
        }

        private void end() {
            if (started && !ended) {
                running = this;
                turn.release();
                baton.acquireUninterruptibly();
                running = null;
            }
        }
    }
}
