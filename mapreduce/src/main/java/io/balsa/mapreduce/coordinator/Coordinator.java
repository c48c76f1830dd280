package io.balsa.mapreduce.coordinator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import io.balsa.aeron.AeronConfig;
import io.balsa.aeron.RequestLink;
import io.balsa.mapreduce.InvalidJobException;
import io.balsa.mapreduce.wire.Answer;
import io.balsa.mapreduce.wire.AnswerCodec;
import io.balsa.mapreduce.wire.AttemptId;
import io.balsa.mapreduce.wire.Coordination;
import io.balsa.mapreduce.wire.Request;
import io.balsa.mapreduce.wire.RequestCodec;
import io.balsa.raft.spi.Threads;
import io.balsa.raft.spi.TransportException;

/**
 * Answers workers and clients, and does what only a leader may: finds leases that have run out, names the outputs of
 * finished jobs, cleans up after them. What must not be forgotten is in the {@link Replica}; what is here, leases and
 * claims that wait for a task, is rebuilt by any leader within one lease. Runs one platform thread, and
 * another for the disk.
 */
public final class Coordinator implements Coordination, AutoCloseable {
    /** The paper's and the lab's: how long a worker is believed to be alive without a word. */
    public static final Duration LEASE = Duration.ofSeconds(10);

    private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(50);
    /** A claim that finds nothing waits here for so long, shorter than its asker does. */
    private static final long PARK_NS = TimeUnit.MILLISECONDS.toNanos(400);
    /** What an attempt that nobody wants writes before it hears so is removed with a second look. */
    private static final long SECOND_CLEANING_NS = TimeUnit.SECONDS.toNanos(20);
    /**
     * Whoever waits for the end, or for a task, asks again sooner than this. A worker whose lease is fixed asks nothing
     * while it computes: where that takes until after the end, it finds nobody to report to.
     */
    private static final long QUIET_NS = TimeUnit.SECONDS.toNanos(2);
    /** Nobody who asks for ever keeps a service from ending. */
    private static final long LONGEST_END_NS = TimeUnit.SECONDS.toNanos(30);
    /** In place of the time of the next one. */
    private static final long DONE = Long.MAX_VALUE;

    private final Replica replica;
    private final boolean endsWithJobs;
    private final Leases leases;
    private final StatusDesk status;
    private final Backups backups;
    private final ConcurrentLinkedQueue<ParkedClaim> parked = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private volatile boolean running = true;
    private volatile Optional<String> failure = Optional.empty();
    private volatile long askedNs = System.nanoTime();
    private volatile boolean over;

    /** What is on its way into the log; taken out again where it did not come there. */
    private final Set<AttemptId> expiring = ConcurrentHashMap.newKeySet();
    private final Set<Long> publishing = ConcurrentHashMap.newKeySet();
    /** A disk may be slow, and leases must not wait for it. */
    private final ExecutorService disk =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("mr-disk").factory());

    // The thread's own.
    private final Runnable beforeTick;
    private final Map<Long, Long> cleanings = new HashMap<>();
    private long ledTerm = -1;
    private OptionalLong endedNs = OptionalLong.empty();

    private record ParkedClaim(Request.Claim claim, Consumer<Answer> then, long deadlineNs) {
    }

    /**
     * @param replica      closed with this
     * @param endsWithJobs once there was a job and all have ended, workers are told to end
     * @param beforeTick   called by the thread each time it looks around, and may wait
     */
    Coordinator(Replica replica, boolean endsWithJobs, Duration lease, Runnable beforeTick) {
        this.replica = replica;
        this.endsWithJobs = endsWithJobs;
        this.beforeTick = beforeTick;
        leases = new Leases(lease);
        status = new StatusDesk(leases);
        backups = new Backups(leases);
        thread = Thread.ofPlatform().daemon().name("mr-coordinator").unstarted(this::run);
    }

    /** A coordinator whose state lives in this process alone. It ends workers when its first jobs have ended. */
    public static Coordinator inProcess() {
        final Coordinator coordinator = new Coordinator(new SingleReplica(), true, LEASE, () -> { });
        coordinator.start();
        return coordinator;
    }

    void start() {
        thread.start();
    }

    /** Answers with {@link Answer.NotLeader} only where there are other replicas. */
    @Override
    public CompletableFuture<Answer> ask(Request request) {
        final CompletableFuture<Answer> answer = new CompletableFuture<>();
        handle(request, answer::complete);
        return answer;
    }

    /**
     * Lets other processes ask it.
     *
     * @param port of UDP, or {@link RequestLink#ANY_PORT}
     * @return the caller's to close, before this
     * @throws TransportException when the port is in use, or this machine cannot
     */
    public RequestLink serve(String host, int port) {
        return RequestLink.open(host, port, AeronConfig.defaultDirectoryBase(), (bytes, reply) -> {
            final Request request;
            try {
                request = RequestCodec.decode(bytes);
            } catch (RuntimeException e) { // whatever a decoder says of bytes that are no message: nothing is answered
                return;
            }
            handle(request, answer -> reply.send(AnswerCodec.encode(answer)));
        });
    }

    /** @param then told the answer, now or later, on a thread that must not be held up */
    void handle(Request request, Consumer<Answer> then) {
        askedNs = System.nanoTime();
        if (failure.isPresent()) {
            then.accept(afterDeath(failure.get()));
            return;
        }
        switch (request) {
            case Request.Internal internal -> then.accept(new Answer.Refused("only a leading coordinator says that"));
            case Request.Submit submit when !mistake(submit).isEmpty() ->
                then.accept(new Answer.Refused(mistake(submit)));
            case Request.Claim claim -> claim(new ParkedClaim(claim, then, System.nanoTime() + PARK_NS));
            case Request.Command command -> replica.propose(command, answer -> {
                then.accept(answer);
                LockSupport.unpark(thread); // claims may wait for what this brought, and outputs for their names
            });
            case Request.Renew renew -> then.accept(renew(renew));
            case Request.Look look -> then.accept(look(look));
        }
    }

    /** A refusal ends whoever hears it; where others may lead, they are to be asked, and nobody ends. */
    private Answer afterDeath(String why) {
        return replica.isAlone() ? new Answer.Refused(why) : new Answer.NotLeader("");
    }

    /** What the state machine could not bear must not come into the log: it would stop all replicas at that entry. */
    private static String mistake(Request.Submit submit) {
        try {
            return submit.spec().decode().reduces() != submit.reduces() || submit.reduces() < 1
                ? "it asks for " + submit.reduces() + " reduces; give what its specification says"
                : submit.maxAttempts() < 1 ? "no task of it may be tried; let it be tried once at least" : "";
        } catch (InvalidJobException e) {
            return e.getMessage();
        }
    }

    /**
     * Whether there was a job, all have ended as far as is known here, and nobody asks any more: by then whoever waits
     * for the end has heard of it.
     */
    boolean isOver() {
        return over;
    }

    /** Why it has stopped by itself, one line; empty while it works. */
    Optional<String> failure() {
        return failure;
    }

    @Override
    public void close() {
        running = false;
        LockSupport.unpark(thread);
        Threads.join(thread);
        replica.close();
        answerAll(new Answer.NotLeader(""));
    }

    private void answerAll(Answer answer) {
        for (ParkedClaim claim = parked.poll(); claim != null; claim = parked.poll()) {
            claim.then.accept(answer);
        }
    }

    /** Nothing to hand out leaves nothing in the log: an idle worker asks several times a second. */
    private void claim(ParkedClaim parkedClaim) {
        final Request.Claim claim = parkedClaim.claim;
        final Jobs jobs = replica.jobs();
        if (endsWithJobs && jobs.haveEnded()) {
            parkedClaim.then.accept(new Answer.Nothing(0, true));
            return;
        }
        final Replica.Leadership leadership = replica.leadership();
        if (!leadership.leads()) {
            parkedClaim.then.accept(new Answer.NotLeader(leadership.leader()));
            return;
        }
        final boolean something = jobs.byOrder().values().stream().anyMatch(job ->
            job.next(claim.claimant().worker()).isPresent() || job.given(claim.claimant(), claim.number()).isPresent());
        if (something) {
            replica.propose(claim, answer -> handOut(answer, parkedClaim.then));
            return;
        }
        final Optional<Request.ClaimBackup> backup = backups.find(claim, jobs, System.nanoTime());
        if (backup.isPresent()) {
            replica.propose(backup.get(), answer -> handOut(answer, parkedClaim.then));
        } else if (System.nanoTime() - parkedClaim.deadlineNs < 0) {
            parked.add(parkedClaim);
            failure.ifPresent(why -> answerAll(afterDeath(why))); // nobody looks at those that wait
        } else {
            parkedClaim.then.accept(new Answer.Nothing(0, false));
        }
    }

    /** The lease runs from here, and not from when the thread next looks. */
    private void handOut(Answer answer, Consumer<Answer> then) {
        switch (answer) {
            case Answer.RunMap map -> leases.begin(map.attempt(), System.nanoTime());
            case Answer.RunReduce reduce -> leases.begin(reduce.attempt(), System.nanoTime());
            default -> {
                // nothing was handed out
            }
        }
        then.accept(answer);
    }

    private Answer renew(Request.Renew renew) {
        final Replica.Leadership leadership = replica.leadership();
        if (!leadership.leads()) {
            return new Answer.NotLeader(leadership.leader());
        }
        final Jobs jobs = replica.jobs();
        leases.renew(renew.running(), jobs, System.nanoTime());
        return new Answer.Renewed(renew.running().stream().filter(id -> isUnwanted(id, jobs)).toList());
    }

    /** Only what this replica has seen end. It may lag, and must not stop what it has not yet seen begin. */
    private static boolean isUnwanted(AttemptId id, Jobs jobs) {
        final Optional<JobState> found = jobs.find(id.job()).filter(job -> job.knows(id));
        if (found.isEmpty()) {
            return false;
        }
        final Task task = found.get().task(id);
        return !found.get().isRunning()
            || (id.attempt() <= task.issued() && task.running(id.attempt()).isEmpty());
    }

    private Answer look(Request.Look look) {
        final Replica.Leadership leadership = replica.leadership();
        final Jobs jobs = replica.jobs();
        return leadership.leads() || jobs.haveEnded() ? status.look(look.job(), jobs, System.nanoTime())
            : new Answer.NotLeader(leadership.leader());
    }

    private void run() {
        try {
            while (running) {
                beforeTick.run();
                tick(System.nanoTime());
                LockSupport.parkNanos(this, TICK_NS);
                Thread.interrupted(); // with the mark no park would last
            }
        } catch (RuntimeException | Error e) { // nobody foresaw it, and whoever asks must not wait for what has died
            failure = Optional.of("the coordinator has stopped: " + e);
            System.getLogger(Coordinator.class.getName()).log(System.Logger.Level.ERROR, failure.get(), e);
            answerAll(afterDeath(failure.get()));
            disk.shutdown();
            return; // what it would say of jobs now, to clean up after them, is not to be relied upon
        }
        if (replica.leadership().leads()) {
            disk.execute(this::cleanAtLast); // by then what is being named has its names
        }
        disk.close(); // what was begun is brought to its end
    }

    private void cleanAtLast() {
        replica.jobs().byOrder().values().stream()
            .filter(job -> !job.isRunning() && cleanings.getOrDefault(job.id(), 0L) != DONE).forEach(Publisher::clean);
    }

    private void tick(long nowNs) {
        final Replica.Leadership leadership = replica.leadership();
        final Jobs jobs = replica.jobs();
        status.update(jobs, nowNs);
        lookForTheEnd(jobs, nowNs);
        if (leadership.leads()) {
            if (leadership.term() != ledTerm) {
                ledTerm = leadership.term();
                leases.begin();
                expiring.clear();
            }
            expire(leases.overdue(jobs, nowNs));
            publish(jobs);
            clean(jobs, nowNs);
        }
        final List<ParkedClaim> waiting = new ArrayList<>();
        for (ParkedClaim claim = parked.poll(); claim != null; claim = parked.poll()) {
            waiting.add(claim);
        }
        waiting.forEach(this::claim);
    }

    private void lookForTheEnd(Jobs jobs, long nowNs) {
        endedNs = jobs.haveEnded() ? OptionalLong.of(endedNs.orElse(nowNs)) : OptionalLong.empty();
        over = endedNs.isPresent() && (nowNs - endedNs.getAsLong() >= LONGEST_END_NS
            || (nowNs - endedNs.getAsLong() >= QUIET_NS && nowNs - askedNs >= QUIET_NS));
    }

    private void expire(List<AttemptId> overdue) {
        expiring.retainAll(overdue);
        for (final AttemptId id : overdue) {
            if (expiring.add(id)) {
                replica.propose(new Request.Expire(id), answer -> proposed(answer, () -> expiring.remove(id)));
            }
        }
    }

    private void publish(Jobs jobs) {
        publishing.removeIf(id -> jobs.find(id).filter(JobState::isPublishing).isEmpty());
        for (final JobState job : jobs.byOrder().values()) {
            if (job.isPublishing() && publishing.add(job.id())) {
                disk.execute(() -> replica.propose(new Request.Published(job.id(), Publisher.publish(job)),
                    answer -> proposed(answer, () -> publishing.remove(job.id()))));
            }
        }
    }

    private void proposed(Answer answer, Runnable takeOut) {
        if (answer instanceof Answer.NotLeader) {
            takeOut.run(); // to be tried again, if this one still leads
        }
        LockSupport.unpark(thread);
    }

    private void clean(Jobs jobs, long nowNs) {
        cleanings.keySet().removeIf(id -> jobs.find(id).isEmpty());
        for (final JobState job : jobs.byOrder().values()) {
            final long dueNs = cleanings.getOrDefault(job.id(), nowNs);
            if (!job.isRunning() && dueNs != DONE && nowNs - dueNs >= 0) {
                cleanings.put(job.id(), cleanings.containsKey(job.id()) ? DONE : nowNs + SECOND_CLEANING_NS);
                disk.execute(() -> Publisher.clean(job));
            }
        }
    }
}
