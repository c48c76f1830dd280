package io.balsa.kv;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import io.balsa.kv.Attempt.Result;
import io.balsa.kv.KvReply.Code;
import io.balsa.raft.Completion;
import io.balsa.raft.Outcome;
import io.balsa.raft.RaftNode;
import io.balsa.raft.RaftStatus;
import io.balsa.raft.ReadCompletion;
import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.spi.Storage;
import io.balsa.raft.testkit.Scripts;
import io.balsa.raft.testkit.SimLab;
import io.balsa.raft.testkit.SimNetwork;
import org.agrona.DirectBuffer;

/**
 * The store on simulated servers: the real state machine, sessions and all, on real nodes, reached by the real
 * {@link LocalRoute}. Only sockets and threads are not there: a client's request and the reply to it travel as the
 * labs' network lets them, and a server answers each request for itself, as it does a connection that is never
 * forwarded.
 */
public final class SimStore implements AutoCloseable {
    private static final int MAX_DEAD_LINK_MS = 99;
    /** How often a call looks whether its server is still there. */
    private static final int LOOK_MS = 100;
    private static final int MAX_LOST_REQUEST_MS = 26;
    private static final long MILLISECOND = 1_000_000;

    private final SimLab<KvReply> lab;
    private final KvStateMachine[] machines;
    private final List<Set<RemoteCall>> underWay = new ArrayList<>();
    private long calls;
    private long operations;

    /**
     * Makes the servers; they start within a millisecond of the first sleep.
     *
     * @param transcribed whether to keep what happens in words
     */
    public SimStore(SimLab.Options options, long seed, boolean transcribed) {
        machines = new KvStateMachine[options.servers()];
        for (int server = 0; server < options.servers(); server++) {
            underWay.add(new LinkedHashSet<>());
        }
        lab = new SimLab<>(options, seed, this::machineOf, transcribed);
    }

    private StateMachine<KvReply> machineOf(int server) {
        machines[server] = new KvStateMachine();
        return machines[server];
    }

    public SimLab<?> lab() {
        return lab;
    }

    /** The engine's side, for scripts that go into it. */
    SimLab<KvReply> engine() {
        return lab;
    }

    /** The store of the process that runs on this server. */
    KvStateMachine machine(int server) {
        return machines[server];
    }

    /** A client that can reach these servers; all, if none is named. */
    public SimClerk clerk(int... servers) {
        return new SimClerk(this, servers);
    }

    /** Ends a server's process without a word, and cuts its links to others. */
    public void crash(int server) {
        lab.crash(server);
        final List<RemoteCall> lost = List.copyOf(underWay.get(server));
        lost.forEach(call -> call.end(null, lab.random().nextInt(LOOK_MS) * MILLISECOND));
    }

    /** Starts a server again on its disk and joins it with those that are connected. */
    public void restart(int server) {
        crash(server);
        lab.restart(server);
        lab.connect(server);
    }

    /** Cuts the links between servers of different sides; clients reach both. */
    public void partition(boolean[] side) {
        for (int server = 0; server < side.length; server++) {
            for (int peer = 0; peer < server; peer++) {
                lab.link(server, peer, side[server] == side[peer]);
            }
        }
    }

    /** Joins all servers with each other. */
    public void heal() {
        partition(new boolean[lab.size()]);
    }

    /** Calls that clients made, also of servers that are not there. */
    public long calls() {
        return calls;
    }

    /** Operations of clients that have ended. */
    public long operations() {
        return operations;
    }

    void onOperation() {
        operations++;
    }

    @Override
    public void close() {
        lab.close();
    }

    /**
     * Sends a request to one server and waits for the reply.
     *
     * @return null: none has come, and whether the request got there is not known
     */
    KvReply call(SimClerk clerk, int server, Request request, long patienceNs) {
        calls++;
        final RemoteCall call = new RemoteCall(clerk, server, request);
        call.send();
        call.ended.await(patienceNs);
        return call.reply;
    }

    /** Hands a request to a server's process at once, without a network. */
    Asked ask(int server, Request request) {
        final Asked asked = new Asked(server, () -> { });
        asked.submit(request);
        return asked;
    }

    /** A request on its way to a server, and the reply on its way back. */
    private final class RemoteCall {
        private final SimClerk clerk;
        private final int server;
        private final Request request;
        private final Scripts.Gate ended = lab.scripts().gate();
        private Asked asked;
        private KvReply reply;
        private boolean isEnding;

        private RemoteCall(SimClerk clerk, int server, Request request) {
            this.clerk = clerk;
            this.server = server;
            this.request = request;
        }

        private void send() {
            final long travel = lab.network().drawRequest();
            if (!reachable()) {
                end(null, lab.random().nextLong(MAX_DEAD_LINK_MS * MILLISECOND + 1));
            } else if (travel == SimNetwork.Rule.LOST) {
                end(null, lab.random().nextLong(MAX_LOST_REQUEST_MS * MILLISECOND + 1));
            } else {
                lab.after(travel, this::arrive);
            }
        }

        private boolean reachable() {
            return lab.isUp(server) && clerk.reaches(server);
        }

        private void arrive() {
            if (!reachable()) {
                end(null, lab.random().nextLong(MAX_DEAD_LINK_MS * MILLISECOND + 1));
                return;
            }
            underWay.get(server).add(this);
            asked = new Asked(server, this::answer);
            asked.submit(request);
        }

        private void answer() {
            final long travel = lab.network().drawReply();
            final boolean arrives = travel != SimNetwork.Rule.LOST && clerk.reaches(server);
            end(arrives ? asked.reply : null, arrives ? travel : 0);
        }

        /** Once: who dies after it has answered, has answered. */
        private void end(KvReply answer, long afterNs) {
            underWay.get(server).remove(this);
            if (!isEnding) {
                isEnding = true;
                lab.after(afterNs, () -> {
                    reply = answer;
                    ended.open();
                });
            }
        }
    }

    /** A request that a server's process has; answered at most once, not if that process ends. */
    final class Asked {
        private final int server;
        private final KvStateMachine machine;
        private final Runnable onAnswer;
        private final Scripts.Gate answered = lab.scripts().gate();
        private Attempt attempt;
        private boolean answeredEarly;
        private boolean waits;
        private KvReply reply;

        private Asked(int server, Runnable onAnswer) {
            this.server = server;
            this.machine = machines[server];
            this.onAnswer = onAnswer;
        }

        /** The answer, waited for at most this long; null if there is none by then. */
        KvReply await(long ms) {
            answered.await(ms * MILLISECOND);
            return reply;
        }

        private void submit(Request request) {
            final Route route = new LocalRoute(new Hooked(), machine);
            attempt = switch (request) {
                case Request.InSession write ->
                    route.submit(write.client(), write.sequence(), write.acknowledged(), write.command());
                case Request.Plain plain -> route.submit(plain.call());
                case Request.Immediate other -> throw new IllegalArgumentException("not for a replica: " + other);
                case Request.Keys other -> throw new IllegalArgumentException("not for a replica: " + other);
                case Request.Scan other -> throw new IllegalArgumentException("not for a replica: " + other);
                case Request.OfSnapshots other -> throw new IllegalArgumentException("not for a replica: " + other);
                case Request.Control other -> throw new IllegalArgumentException("not for a replica: " + other);
            };
            if (answeredEarly || !waits) {
                answer();
            }
        }

        /** The replica has made up its mind. */
        private void onDone() {
            if (attempt == null) {
                answeredEarly = true;
            } else {
                answer();
            }
        }

        private void answer() {
            // complete by now: the deadline that has passed only says not to park
            reply = switch (attempt.await(System.nanoTime())) {
                case Result.Answered answered -> answered.reply();
                case Result.Refused refused -> refused.failure().code() == Code.NOTLEADER
                    ? new KvReply.Failure(Code.NOTLEADER, leader()) : refused.failure();
                case Result.Lost lost -> new KvReply.Failure(Code.UNKNOWN, lost.why());
            };
            answered.open();
            onAnswer.run();
        }

        /** Whom this server believes to lead, as it tells clients. */
        private String leader() {
            final int leader = lab.status(server).map(RaftStatus::leaderId).orElse(Outcome.Rejected.NO_LEADER);
            return leader == Outcome.Rejected.NO_LEADER ? "?" : Integer.toString(leader);
        }

        /** The replica of the server; tells when a completion was told. */
        private final class Hooked implements Replica {
            @Override
            public int offer(DirectBuffer buffer, int offset, int length, Completion<KvReply> completion) {
                final byte[] command = new byte[length];
                buffer.getBytes(offset, command);
                waits = true;
                return ended(lab.offer(server, command, new Completion<>() {
                    @Override
                    public void onCommitted(long index, KvReply answer) {
                        completion.onCommitted(index, answer);
                        onDone();
                    }

                    @Override
                    public void onRejected(Outcome.Reason reason, int leaderHint) {
                        completion.onRejected(reason, leaderHint);
                        onDone();
                    }

                    @Override
                    public void onIndeterminate(Outcome.Cause cause) {
                        completion.onIndeterminate(cause);
                        onDone();
                    }
                }));
            }

            @Override
            public int offerRead(ReadCompletion completion) {
                waits = true;
                return ended(lab.offerRead(server, new ReadCompletion() {
                    @Override
                    public void onReadable(long readIndex) {
                        completion.onReadable(readIndex);
                        onDone();
                    }

                    @Override
                    public void onNotReadable(Outcome.Reason reason, int leaderHint) {
                        completion.onNotReadable(reason, leaderHint);
                        onDone();
                    }
                }));
            }

            /** What is not accepted is answered by the code alone. */
            private int ended(int code) {
                waits = code == RaftNode.ACCEPTED;
                return code;
            }

            @Override
            public RaftStatus status() {
                return lab.status(server).orElseThrow();
            }

            @Override
            public CompletableFuture<Long> takeSnapshot() {
                throw new UnsupportedOperationException("no client of the simulation asks for one");
            }

            @Override
            public SnapshotStore snapshots() {
                throw new UnsupportedOperationException("likewise");
            }

            @Override
            public Storage.Standing standing() {
                return Storage.Standing.VOTER;
            }
        }
    }
}
