package io.balsa.raft.testkit.lab;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

import io.balsa.raft.testkit.LabGroup;
import io.balsa.raft.testkit.LabGroup.Started;
import io.balsa.raft.testkit.LabGroup.State;
import io.balsa.raft.testkit.checks.Violation;

/** The procedures of the course's tester, with its limits. Commands are short texts. */
public final class Tester {
    /** What the course takes an election to last at most where nothing stands in its way. */
    public static final long ELECTION_MS = 1_000;

    private static final int LEADER_TRIES = 10;
    private static final int AGREEMENT_LIMIT_MS = 10_000;
    private static final int COMMIT_LIMIT_MS = 2_000;
    private static final int COMMIT_POLL_MS = 20;
    private static final int NO_LEADER_PAUSE_MS = 50;
    private static final int WAIT_POLLS = 30;
    private static final int WAIT_LONGEST_PAUSE_MS = 1_280;

    private final LabGroup group;
    private final AppliedLog applied;

    public Tester(LabGroup group, AppliedLog applied) {
        this.group = group;
        this.applied = applied;
    }

    public LabGroup group() {
        return group;
    }

    public int size() {
        return group.size();
    }

    public void sleep(long ms) {
        group.sleep(ms);
    }

    public RandomGenerator random() {
        return group.random();
    }

    public String randomCommand() {
        return Long.toString(random().nextLong(Long.MAX_VALUE));
    }

    /** The server {@code steps} after this one, round the group. */
    public int after(int server, int steps) {
        return (server + steps) % size();
    }

    public void disconnect(int... servers) {
        for (final int server : servers) {
            group.disconnect(server);
        }
    }

    public void connect(int... servers) {
        for (final int server : servers) {
            group.connect(server);
        }
    }

    public void connectAll() {
        for (int server = 0; server < size(); server++) {
            group.connect(server);
        }
    }

    /** Crashes the server if it is up, starts it again and connects it. */
    public void rejoin(int server) {
        group.restart(server);
        group.connect(server);
    }

    public Started start(int server, String command) {
        return group.start(server, AppliedLog.bytes(command));
    }

    /**
     * Waits for a leader, at most about five seconds.
     *
     * @return the leader of the latest term among the connected servers
     */
    public int oneLeader() {
        for (int i = 0; i < LEADER_TRIES; i++) {
            sleep(450 + random().nextInt(100));
            final OptionalInt leader = leaderNow();
            if (leader.isPresent()) {
                return leader.getAsInt();
            }
        }
        throw new Violation("expected one leader, got none");
    }

    private OptionalInt leaderNow() {
        final TreeMap<Long, Integer> leaders = new TreeMap<>();
        for (int server = 0; server < size(); server++) {
            if (group.isConnected(server)) {
                final State state = group.state(server);
                final Integer other = state.leader() ? leaders.put(state.term(), server) : null;
                if (other != null) {
                    throw new Violation("term " + state.term() + " has two leaders: n" + other + " and n" + server);
                }
            }
        }
        return leaders.isEmpty() ? OptionalInt.empty() : OptionalInt.of(leaders.lastEntry().getValue());
    }

    public void requireNoLeader() {
        final OptionalInt leader = leaderNow();
        if (leader.isPresent()) {
            throw new Violation("expected no leader, but n" + leader.getAsInt() + " claims to be one");
        }
    }

    /** The term that all connected servers agree on. */
    public long agreedTerm() {
        long term = -1;
        for (int server = 0; server < size(); server++) {
            if (group.isConnected(server)) {
                final long own = group.state(server).term();
                if (term != -1 && own != term) {
                    throw new Violation("servers disagree on the term: " + term + " and " + own);
                }
                term = own;
            }
        }
        return term;
    }

    public AppliedLog.Applied applied(long index) {
        return applied.at(index);
    }

    /** Nobody may have applied anything at this index. */
    public void requireNobodyApplied(long index) {
        final int servers = applied(index).servers();
        if (servers > 0) {
            throw new Violation(servers + " servers have applied index " + index + ", nobody should");
        }
    }

    /** The highest index that anybody has applied. */
    public long commits() {
        return applied.lastIndex();
    }

    /**
     * Offers the command to one server after the other until one takes it, and waits until enough have applied it.
     *
     * @param servers how many must apply it
     * @param retry   whether to offer it again when that has not happened within two seconds
     * @return its index
     */
    public long one(String command, int servers, boolean retry) {
        final double deadline = group.nowMs() + AGREEMENT_LIMIT_MS;
        int next = 0;
        while (group.nowMs() < deadline) {
            OptionalLong index = OptionalLong.empty();
            for (int i = 0; i < size() && index.isEmpty(); i++) {
                next = after(next, 1);
                if (group.isConnected(next)) {
                    final Started started = start(next, command);
                    index = started.leader() ? OptionalLong.of(started.index()) : OptionalLong.empty();
                }
            }
            if (index.isEmpty()) {
                sleep(NO_LEADER_PAUSE_MS);
            } else if (isAppliedInTime(index.getAsLong(), command, servers)) {
                return index.getAsLong();
            } else if (!retry) {
                throw noAgreement(command, servers, "within 2 s");
            }
        }
        throw noAgreement(command, servers, "within 10 s");
    }

    private boolean isAppliedInTime(long index, String command, int servers) {
        final double deadline = group.nowMs() + COMMIT_LIMIT_MS;
        while (group.nowMs() < deadline) {
            final AppliedLog.Applied there = applied(index);
            if (there.servers() >= servers && command.equals(there.command())) {
                return true;
            }
            sleep(COMMIT_POLL_MS);
        }
        return false;
    }

    private static Violation noAgreement(String command, int servers, String limit) {
        return new Violation("no agreement of " + servers + " servers on " + command + " " + limit);
    }

    /**
     * Waits until enough servers have applied this index, at most half a minute.
     *
     * @param term if present: gives up when any server has moved on to a later one
     * @return what was applied; empty when given up
     */
    public Optional<String> await(long index, int servers, OptionalLong term) {
        long pause = 10;
        for (int i = 0; i < WAIT_POLLS && applied(index).servers() < servers; i++) {
            sleep(pause);
            pause = Math.min(2 * pause, WAIT_LONGEST_PAUSE_MS);
            if (term.isPresent() && someoneIsBeyond(term.getAsLong())) {
                return Optional.empty();
            }
        }
        final AppliedLog.Applied there = applied(index);
        if (there.servers() < servers) {
            throw new Violation("only " + there.servers() + " of " + servers + " servers applied index " + index);
        }
        return Optional.of(there.command());
    }

    /** Whether a server that is up has reached a later term. */
    public boolean someoneIsBeyond(long term) {
        for (int server = 0; server < size(); server++) {
            if (group.isUp(server) && group.state(server).term() > term) {
                return true;
            }
        }
        return false;
    }

    /** Requests that have arrived anywhere. */
    public long received() {
        long sum = 0;
        for (int server = 0; server < size(); server++) {
            sum += group.received(server);
        }
        return sum;
    }

    /** Of all servers, the largest that Raft keeps on a disk. */
    public long largestRaftState() {
        return IntStream.range(0, size()).mapToLong(group::raftStateBytes).max().orElseThrow();
    }

    /** How many snapshots the present processes have received. */
    public long snapshotsReceived() {
        return IntStream.range(0, size()).mapToLong(group::snapshotsReceived).sum();
    }
}
