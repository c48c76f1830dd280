package io.balsa.raft.testkit;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

import io.balsa.raft.Completion;
import io.balsa.raft.RaftConfig;
import io.balsa.raft.RaftNode;
import io.balsa.raft.RaftStatus;
import io.balsa.raft.ReadCompletion;
import io.balsa.raft.core.Role;
import io.balsa.raft.spi.Durability;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.StateMachine;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A simulated group that a test scripts step by step: real nodes, the labs' network, disks that forget what was not
 * forced, virtual time, and every safety check after every event. One seed is one run.
 *
 * <pre>{@code
 * try (SimLab<Reply> lab = new SimLab<>(SimLab.Options.of(3), 42, server -> new MyMachine(), false)) {
 *     lab.sleep(1_000);
 *     lab.disconnect(0);
 *     final Scripts.Gate answered = lab.scripts().gate();
 *     lab.offer(1, command, completionThatOpens(answered));
 *     answered.await(2_000_000_000L);
 * }
 * }</pre>
 *
 * @param <R> the state machine's result
 */
public final class SimLab<R> implements LabGroup, SimWorld.Story<R>, AutoCloseable {
    private static final int FRAME = 64 << 10;
    /** Wide enough that no lab fills it, even where replies are seconds late. */
    private static final int WINDOW = 64 << 20;
    private static final long TICK_NS = 4_000_000;
    private static final long START_WITHIN_NS = 1_000_000;
    private static final long MAX_START_NS = 1_000_000_000;

    /**
     * What the group is like.
     *
     * @param plainRaft    without PreVote and CheckQuorum, which the product ships with
     * @param noOpPerTerm  off where a test counts indexes
     * @param snapshotEveryBytes see {@link RaftConfig#snapshotEveryBytes}; of the log before a snapshot nothing is kept
     * @param limitMs      a test that takes longer, in virtual time, fails
     * @param durability   when an entry counts
     */
    public record Options(int servers, Duration electionTimeout, Duration heartbeat, boolean plainRaft,
                          boolean noOpPerTerm, int maxCommandBytes, long snapshotEveryBytes, int limitMs,
                          Durability durability) {
        /** The labs' own: their tester takes for granted that an index is a command, and allows two minutes a test. */
        public static Options of(int servers) {
            return new Options(servers, Duration.ofMillis(300), Duration.ofMillis(100), false, false, 8 << 10, 0,
                120_000, Durability.FORCED);
        }

        public Options withPlainRaft(boolean plain) {
            return new Options(servers, electionTimeout, heartbeat, plain, noOpPerTerm, maxCommandBytes,
                snapshotEveryBytes, limitMs, durability);
        }

        public Options withNoOpPerTerm(boolean noOp) {
            return new Options(servers, electionTimeout, heartbeat, plainRaft, noOp, maxCommandBytes,
                snapshotEveryBytes, limitMs, durability);
        }

        public Options withMaxCommandBytes(int bytes) {
            return new Options(servers, electionTimeout, heartbeat, plainRaft, noOpPerTerm, bytes,
                snapshotEveryBytes, limitMs, durability);
        }

        public Options withSnapshotEveryBytes(long bytes) {
            return new Options(servers, electionTimeout, heartbeat, plainRaft, noOpPerTerm, maxCommandBytes, bytes,
                limitMs, durability);
        }

        public Options withLimitMs(int limit) {
            return new Options(servers, electionTimeout, heartbeat, plainRaft, noOpPerTerm, maxCommandBytes,
                snapshotEveryBytes, limit, durability);
        }

        public Options withDurability(Durability whenEntriesCount) {
            return new Options(servers, electionTimeout, heartbeat, plainRaft, noOpPerTerm, maxCommandBytes,
                snapshotEveryBytes, limitMs, whenEntriesCount);
        }

        private RaftConfig configOf(int server) {
            return RaftConfig.of(server, IntStream.range(0, servers).boxed().toList())
                .withTimeouts(electionTimeout, heartbeat)
                .withRules(!plainRaft, !plainRaft, noOpPerTerm)
                .withLimits(maxCommandBytes, 1 << 20, Integer.highestOneBit(16 * (maxCommandBytes + 64) - 1), 1 << 12)
                .withSnapshots(snapshotEveryBytes, 0)
                .withAdvertise("n" + server);
        }

        private SimWorld.Setup setup() {
            return new SimWorld.Setup(servers, this::configOf, maxCommandBytes, FRAME, FRAME, WINDOW, WINDOW, TICK_NS,
                WINDOW, durability);
        }
    }

    private final SplittableRandom random;
    private final Transcript transcript;
    private final SimWorld<R> world;
    private final List<SimNode<R>> nodes;
    private final LabNetwork network;
    private final Scripts scripts;
    private final boolean[] connected;
    private final boolean[] putBack;
    private final LabOffers<R> offers;

    /**
     * Makes the group; its servers start within a millisecond of the first sleep.
     *
     * @param machineOf   makes the state machine of a server's process as it starts
     * @param transcribed whether to keep what happens in words, for {@link #transcript}
     */
    public SimLab(Options options, long seed, IntFunction<? extends StateMachine<R>> machineOf, boolean transcribed) {
        this(options, seed, (server, snapshots) -> machineOf.apply(server), transcribed);
    }

    /**
     * As above.
     *
     * @param service what runs on the servers, where it has to do with snapshots
     */
    public SimLab(Options options, long seed, LabService<R> service, boolean transcribed) {
        this.random = new SplittableRandom(seed);
        this.transcript = new Transcript(transcribed);
        this.world = new SimWorld<>(options.setup(), server -> service.start(server, new SnapshotsOf(server)),
            random.split(), Faults.none(), transcript, this);
        this.nodes = world.nodes();
        this.network = new LabNetwork(options.servers(), random.split());
        this.scripts = new Scripts(world.schedule(), world::runNext, options.limitMs() * 1_000_000L);
        this.offers = new LabOffers<>(options.servers(), scripts);
        this.connected = new boolean[options.servers()];
        this.putBack = new boolean[options.servers()];
        world.network().setRule(network);
        world.startWithin(START_WITHIN_NS);
        for (int server = 0; server < size(); server++) {
            connected[server] = true;
        }
    }

    @Override
    public int size() {
        return nodes.size();
    }

    @Override
    public RandomGenerator random() {
        return random;
    }

    @Override
    public double nowMs() {
        return nowNs() / 1e6;
    }

    /** Nanoseconds since the group was made. */
    public long nowNs() {
        return world.schedule().now();
    }

    @Override
    public void sleep(long ms) {
        scripts.sleepNs(ms * 1_000_000);
    }

    @Override
    public Fork fork(String name, Runnable script) {
        final Scripts.Script forked = scripts.fork(name, script);
        return () -> {
            while (!forked.join(1_000_000_000)) {
                // main gives up at the test's limit
            }
        };
    }

    /** Lets something happen later, beside the scripts: what it costs is no thread of its own. It must not wait. */
    public void after(long ns, Runnable action) {
        world.schedule().after(ns, action);
    }

    /** To wait for more than time. */
    public Scripts scripts() {
        return scripts;
    }

    /**
     * The labs fix that {@code Start} names the index at once, while the engine names it with the commit. So the script
     * waits the few microseconds until the server's loop has looked at its offers, and watches what it does to its log:
     * it takes or refuses them in the order they came, and what a leader appends is what it was offered.
     */
    @Override
    public Started start(int server, byte[] command) {
        final LabOffers<R>.Offer offer = offers.unheard();
        if (offer(server, command, offer) != RaftNode.ACCEPTED || !offer.isAnsweredWithin(MAX_START_NS)) {
            return Started.REFUSED;
        }
        return offer.answer();
    }

    /** As {@link RaftNode#offer} at this server; {@link RaftNode#STOPPED} when it is down. */
    public int offer(int server, byte[] command, Completion<R> completion) {
        return offer(server, command, offers.of(completion));
    }

    private int offer(int server, byte[] command, LabOffers<R>.Offer offer) {
        final SimProcess<R> process = nodes.get(server).process().orElse(null);
        if (process == null) {
            return RaftNode.STOPPED;
        }
        final int answer = process.agent().offer(new UnsafeBuffer(command), 0, command.length, offer);
        if (answer == RaftNode.ACCEPTED) {
            offers.accepted(server, offer);
            process.wake();
        }
        return answer;
    }

    @Override
    public void onAppend(SimNode<R> node, LogEntry entry) {
        if (entry.isCommand() && node.process().orElseThrow().agent().status().role() == Role.LEADER) {
            offers.appended(node.id(), new Started(entry.index(), entry.term(), true));
        }
    }

    @Override
    public void onDown(SimNode<R> node) {
        offers.lost(node.id());
    }

    /** As {@link io.balsa.raft.RaftAgent#offerRead} at this server; {@link RaftNode#STOPPED} when it is down. */
    public int offerRead(int server, ReadCompletion completion) {
        final SimProcess<R> process = nodes.get(server).process().orElse(null);
        if (process == null) {
            return RaftNode.STOPPED;
        }
        final int answer = process.agent().offerRead(completion);
        process.wake();
        return answer;
    }

    @Override
    public State state(int server) {
        final RaftStatus status = status(server).orElseThrow(() -> new IllegalStateException("n" + server
            + " is down: ask isUp first"));
        return new State(status.term(), status.role() == Role.LEADER);
    }

    /** Everything a server says of itself; empty when it is down. */
    public Optional<RaftStatus> status(int server) {
        return nodes.get(server).process().map(process -> process.agent().status());
    }

    @Override
    public boolean isUp(int server) {
        return nodes.get(server).isUp();
    }

    @Override
    public boolean isConnected(int server) {
        return connected[server];
    }

    @Override
    public void disconnect(int server) {
        connected[server] = false;
        world.note(server, "is disconnected");
        for (int peer = 0; peer < size(); peer++) {
            link(server, peer, false);
        }
    }

    @Override
    public void connect(int server) {
        connected[server] = true;
        world.note(server, "is connected");
        for (int peer = 0; peer < size(); peer++) {
            link(server, peer, connected[peer]);
        }
    }

    /** Joins or cuts one link, both ways, whatever else is connected. */
    public void link(int server, int peer, boolean joined) {
        if (joined) {
            world.network().join(server, peer);
            world.network().join(peer, server);
        } else {
            world.network().cut(server, peer);
            world.network().cut(peer, server);
        }
    }

    @Override
    public void crash(int server) {
        disconnect(server);
        nodes.get(server).crash("crashes");
    }

    /** Stops it in good order, its links cut. */
    public void stop(int server) {
        disconnect(server);
        nodes.get(server).stop("stops in good order");
    }

    /** From now on a force of this server's log takes this long. */
    public void slowDownLog(int server, long forceMs) {
        nodes.get(server).disk().slowDownLog(forceMs * 1_000_000);
    }

    /** Its next processes are told, or not, to go on with the longest log that is left. */
    public void tellToRecoverUnsafely(int server, boolean told) {
        nodes.get(server).disk().recoverUnsafely(told);
    }

    @Override
    public void restart(int server) {
        crash(server);
        nodes.get(server).start();
    }

    @Override
    public void setUnreliable(boolean unreliable) {
        network.setUnreliable(unreliable);
    }

    @Override
    public void setLongReordering(boolean longReordering) {
        network.setLongReordering(longReordering);
    }

    @Override
    public long requests() {
        return network.requests();
    }

    @Override
    public long bytes() {
        return network.bytes();
    }

    @Override
    public long received(int server) {
        return network.received(server);
    }

    @Override
    public long raftStateBytes(int server) {
        return RaftStateSize.of(nodes.get(server).disk());
    }

    @Override
    public long snapshotsReceived(int server) {
        return status(server).orElseThrow().snapshots().installed();
    }

    /** All that this server's disk holds durably now; without snapshots. */
    public SimDisk.Copy copyOfDisk(int server) {
        return nodes.get(server).disk().copy();
    }

    /**
     * Somebody copies a disk back from an older time, and starts the server, its links cut. It may find out, and stop.
     */
    public void putBack(int server, SimDisk.Copy copy) {
        crash(server);
        note(server, "is put back to term " + copy.currentTerm() + " and entry " + copy.log().last());
        nodes.get(server).disk().putBack(copy);
        putBack[server] = true;
        nodes.get(server).start();
    }

    /** Whether this server is a voter as far as its disk remembers. */
    public boolean isVoter(int server) {
        return nodes.get(server).disk().isVoter();
    }

    @Override
    public boolean mayStop(SimNode<R> node, RuntimeException words) {
        return putBack[node.id()] && words instanceof RaftException
            && words.getMessage().contains("later state of this directory");
    }

    /** The snapshots on this server's disk. */
    public SimSnapshots snapshots(int server) {
        return nodes.get(server).disk().snapshots();
    }

    /** The snapshots of one server, as its service deals with them. */
    private final class SnapshotsOf implements LabService.Snapshots {
        private final int server;

        private SnapshotsOf(int server) {
            this.server = server;
        }

        @Override
        public Optional<byte[]> newest() {
            return snapshots(server).newestState();
        }

        @Override
        public CompletableFuture<Long> take() {
            final SimProcess<R> process = nodes.get(server).process().orElseThrow();
            process.wake();
            return process.agent().takeSnapshot();
        }
    }

    /** The network, for those who make calls of their own over it. */
    public LabNetwork network() {
        return network;
    }

    /** A violation as it was found, even if a node or a script has wrapped it. */
    public Throwable firstOf(Throwable broken) {
        return world.firstOf(broken);
    }

    /** Of every frame sent and when: equal for equal runs. */
    public long fingerprint() {
        return world.fingerprint();
    }

    /** The last events in words, if they were kept. */
    public String transcript() {
        return transcript.toString();
    }

    /** A line of the test's own in the transcript. */
    public void note(int server, String what) {
        world.note(server, what);
    }

    /** Ends the scripts. */
    @Override
    public void close() {
        scripts.close();
    }
}
