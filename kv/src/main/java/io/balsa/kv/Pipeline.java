package io.balsa.kv;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.balsa.kv.Attempt.Result;
import io.balsa.kv.KvReply.Code;

/**
 * Brings one connection's requests to the leader and its answers back, in order, whoever leads meanwhile.
 *
 * <p>All requests at hand are submitted before the first answer is awaited. When one of them must be tried again, it
 * and everything after it are submitted again, under the same session and the same numbers: whatever was executed
 * already gives its stored reply (thesis §6.3). Therefore
 * <ul>
 * <li>no number is submitted after one before it was refused, until that one was submitted again;
 * <li>writes of two sessions are never under way at once, since no number keeps the second from overtaking the first;
 * <li>a number gets another command only when no attempt of it, nor of a later one, can be in the log;
 * <li>when time runs out, what certainly was not executed is refused as such, and all else is {@code UNKNOWN}; the
 * session is then given up, since it could not tell the next number.
 * </ul>
 * Not for several threads.
 */
final class Pipeline {
    /** Takes the answers in order. */
    @FunctionalInterface
    interface Answers {
        void add(int position, KvReply reply) throws IOException;
    }

    private static final long FIRST_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LONGEST_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(16);
    /** How long to wait, for all attempts of a round together, to learn what became of those that lead nowhere. */
    private static final long SETTLE_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final Result NO_LEADER = new Result.Refused(
        new KvReply.Failure(Code.UNAVAILABLE, "no leader is known here; not executed"), true);

    private static final KvReply NOT_KEPT = new KvReply.Failure(Code.UNKNOWN,
        "it was executed, but its result is no longer kept; read before doing it again");

    /** What a result means for its slot. */
    private enum Verdict {
        /** It has its answer, from the state machine. */
        ANSWERED,
        /** Certainly not executed, and answered so. */
        REFUSED,
        /** Time is up and it may have been executed. */
        UNKNOWN,
        /** Certainly not executed, since its session is gone or counts otherwise; it may run under another. */
        EXPIRED,
        /** To be submitted again as it is. */
        AGAIN
    }

    private final Router router;
    private final Route local;
    private final SessionPool sessions;
    private final long requestDeadlineNs;
    private NodeSession session;
    private boolean running;
    private boolean direct;
    private boolean lookAnew;
    private long pauseNs;

    Pipeline(Router router, SessionPool sessions, long requestDeadlineNs) {
        this.router = router;
        this.local = router.local();
        this.sessions = sessions;
        this.requestDeadlineNs = requestDeadlineNs;
    }

    /** From now on this connection's requests are answered here or not at all. */
    void direct() {
        direct = true;
    }

    /** Answers every slot. */
    void run(List<Slot> slots, Answers answers) throws IOException {
        running = true;
        final long deadlineNs = System.nanoTime() + requestDeadlineNs;
        pauseNs = FIRST_PAUSE_NS;
        int first = 0;
        while (first < slots.size()) {
            numberFrom(slots, first, deadlineNs);
            final int before = first;
            first = round(slots, first, deadlineNs, answers);
            if (first < slots.size() && first == before && slots.get(first).reply == null) {
                pause(deadlineNs);
            }
        }
        running = false;
    }

    /** Gives the session back, if nothing under it is open. */
    void close() {
        if (session != null && !running) {
            sessions.giveBack(session);
        }
        session = null;
    }

    /** Gives every write that has none its number, under this connection's session. */
    private void numberFrom(List<Slot> slots, int first, long deadlineNs) {
        for (int i = first; i < slots.size(); i++) {
            final Slot slot = slots.get(i);
            if (slot.needsNumber()) {
                if (session == null) {
                    session = sessions.take();
                }
                if (session == null) {
                    slot.reply = openSession(deadlineNs);
                }
                if (session != null) {
                    slot.client = session.client;
                    slot.sequence = session.assign();
                }
            }
        }
    }

    /** @return null, or why there is none */
    private KvReply openSession(long deadlineNs) {
        final Slot open = Slot.of(new Call.OpenSession());
        pauseNs = FIRST_PAUSE_NS;
        while (open.reply == null) {
            final Optional<Route> route = route(deadlineNs);
            if (route.isPresent()) {
                try (Route way = route.get()) {
                    open.attempt = way.submit(open.call);
                    way.flush();
                    judge(open, open.attempt.await(deadlineNs), deadlineNs);
                }
            } else {
                judge(open, NO_LEADER, deadlineNs);
            }
            if (open.reply == null) {
                pause(deadlineNs);
            }
        }
        if (open.reply instanceof KvReply.Int client) {
            session = new NodeSession(client.value());
            return null;
        }
        return open.reply;
    }

    private void pause(long deadlineNs) {
        LockSupport.parkNanos(Math.min(pauseNs, deadlineNs - System.nanoTime()));
        pauseNs = Math.min(pauseNs * 2, LONGEST_PAUSE_NS);
        lookAnew = true;
    }

    private Optional<Route> route(long deadlineNs) {
        final Optional<Route> way = direct ? Optional.of(local) : router.toLeader(local, lookAnew, deadlineNs);
        lookAnew = false;
        return way;
    }

    /** @return the position of the first slot without an answer */
    private int round(List<Slot> slots, int start, long deadlineNs, Answers answers) throws IOException {
        int first = answerKnown(slots, start, answers);
        if (first == slots.size()) {
            return first;
        }
        final Optional<Route> route = route(deadlineNs);
        if (route.isEmpty()) {
            follow(judge(slots.get(first), NO_LEADER, deadlineNs), slots, first);
            return first;
        }
        try (Route way = route.get()) {
            submit(way, slots, first);
            way.flush();
            while (first < slots.size() && slots.get(first).attempt != null) {
                final Slot slot = slots.get(first);
                final Result result = slot.attempt.await(deadlineNs);
                slot.attempt = null;
                final Verdict verdict = judge(slot, result, deadlineNs);
                if (slot.reply == null) {
                    settleFrom(slots, first + 1); // before the numbers that these attempts had are forgotten
                    follow(verdict, slots, first);
                    break;
                }
                follow(verdict, slots, first);
                first = answerKnown(slots, first, answers);
            }
        }
        return first;
    }

    private static int answerKnown(List<Slot> slots, int start, Answers answers) throws IOException {
        int first = start;
        while (first < slots.size() && slots.get(first).reply != null) {
            answers.add(first, slots.get(first).reply);
            first++;
        }
        return first;
    }

    private void submit(Route way, List<Slot> slots, int first) {
        Slot lastWrite = null;
        for (int i = first; i < slots.size(); i++) {
            final Slot slot = slots.get(i);
            if (slot.reply != null) {
                continue;
            }
            if (slot.needsNumber()) {
                return; // its session was lost on the way: it gets its number in the next round
            }
            if (!slot.mayFollow(lastWrite)) {
                return;
            }
            lastWrite = slot.isHarmless() ? lastWrite : slot;
            slot.attempt = switch (slot.call) {
                case Call.Update update -> {
                    final long acknowledged = slot.numberedHere ? session.acknowledged() : slot.acknowledged;
                    yield way.submit(slot.client, slot.sequence, acknowledged, update.command());
                }
                case Call.Look look -> way.submit(look);
                case Call.OpenSession open -> way.submit(open);
                case Call.CloseSession close -> way.submit(close);
            };
            if (slot.attempt.isRefused()) {
                return; // what comes later must not overtake it
            }
        }
    }

    /** Decides what a result means, and sets the slot's answer if it is final. */
    private Verdict judge(Slot slot, Result result, long deadlineNs) {
        final boolean late = System.nanoTime() >= deadlineNs || Thread.currentThread().isInterrupted();
        return switch (result) {
            case Result.Answered answered -> judge(slot, answered.reply(), late);
            case Result.Refused refused -> {
                final boolean elsewhereOnly = direct && refused.failure().code() == Code.NOTLEADER;
                yield refused.mayRetry() && !late && !elsewhereOnly ? Verdict.AGAIN : refuse(slot, refused.failure());
            }
            case Result.Lost lost -> {
                slot.unknown = !slot.isHarmless();
                yield late
                    ? refuse(slot, new KvReply.Failure(Code.UNAVAILABLE, lost.why() + "; not executed"))
                    : Verdict.AGAIN;
            }
        };
    }

    private Verdict judge(Slot slot, KvReply reply, boolean late) {
        final Code code = reply instanceof KvReply.Failure failure ? failure.code() : null;
        if (code != Code.SEQUENCE && code != Code.SESSIONEXPIRED) {
            slot.reply = slot.numberedHere && code == Code.STALE ? NOT_KEPT : reply;
            return Verdict.ANSWERED;
        }
        if (slot.numberedHere && !slot.unknown) {
            return Verdict.EXPIRED;
        }
        if (slot.numberedHere && code == Code.SEQUENCE && !late) {
            return Verdict.AGAIN;
        }
        return refuse(slot, (KvReply.Failure) reply);
    }

    /** The final word on what did not get its answer: a refusal only if no attempt at all can have been executed. */
    private Verdict refuse(Slot slot, KvReply.Failure failure) {
        if (slot.unknown) {
            slot.reply = new KvReply.Failure(Code.UNKNOWN, "it may have been executed, or may yet be: "
                + failure.message().replace("; not executed", ""));
            return Verdict.UNKNOWN;
        }
        slot.reply = failure.code() == Code.NOTLEADER ? notLeader() : failure;
        return Verdict.REFUSED;
    }

    private KvReply.Failure notLeader() {
        return direct
            ? new KvReply.Failure(Code.NOTLEADER, router.leaderAddress().map(HostPort::toString).orElse("?"))
            : new KvReply.Failure(Code.UNAVAILABLE, "no leader took it in time; not executed");
    }

    /** Draws the consequences of a verdict for the session, and for the later writes under it. */
    private void follow(Verdict verdict, List<Slot> slots, int position) {
        final Slot slot = slots.get(position);
        if (!slot.numberedHere) {
            return;
        }
        switch (verdict) {
            case ANSWERED -> session.answered(slot.sequence);
            case REFUSED -> {
                if (!session.takeBack(slot.sequence)) {
                    session = null;
                    refuseAfter(slots, position);
                }
            }
            case UNKNOWN -> {
                session = null;
                findOutAfter(slots, position);
            }
            case EXPIRED -> {
                session = null;
                sessions.forget();
                slots.subList(position, slots.size()).stream().filter(Slot::isNumberedHere).forEach(Slot::forgetNumber);
            }
            case AGAIN -> {
                // the session stands as it is
            }
        }
    }

    /** Nothing can have been executed after a number that never will be: the rest is refused for the same reason. */
    private static void refuseAfter(List<Slot> slots, int position) {
        for (final Slot later : slots.subList(position + 1, slots.size())) {
            if (later.isNumberedHere()) {
                later.reply = slots.get(position).reply;
            }
        }
    }

    /** After a number whose fate is unknown, each later one that was submitted may know its own. */
    private void findOutAfter(List<Slot> slots, int position) {
        final long untilNs = System.nanoTime() + SETTLE_NS;
        for (final Slot later : slots.subList(position + 1, slots.size())) {
            if (!later.isNumberedHere()) {
                continue;
            }
            final KvReply reply = settle(later, untilNs);
            if (reply != null) {
                later.reply = reply;
            } else if (later.unknown) {
                refuse(later, new KvReply.Failure(Code.UNKNOWN, "so may an earlier write of this pipeline"));
            } else {
                later.forgetNumber();
            }
        }
    }

    private static void settleFrom(List<Slot> slots, int start) {
        final long untilNs = System.nanoTime() + SETTLE_NS;
        for (final Slot slot : slots.subList(start, slots.size())) {
            if (slot.call != null && slot.reply == null && settle(slot, untilNs) != null) {
                slot.unknown = !slot.isHarmless(); // executed: it will get its stored reply when it is submitted again
            }
        }
    }

    /** Ends the attempt under way, noting whether it can still be executed; its answer, if it has come. */
    private static KvReply settle(Slot slot, long untilNs) {
        final Attempt attempt = slot.attempt;
        slot.attempt = null;
        if (attempt == null || slot.isHarmless()) {
            return null;
        }
        return switch (attempt.await(untilNs)) {
            case Result.Refused refused -> null;
            case Result.Lost lost -> {
                slot.unknown = true;
                yield null;
            }
            case Result.Answered answered -> {
                final boolean executed = !(answered.reply() instanceof KvReply.Failure failure
                    && (failure.code() == Code.SEQUENCE || failure.code() == Code.SESSIONEXPIRED));
                yield executed ? answered.reply() : null;
            }
        };
    }
}
