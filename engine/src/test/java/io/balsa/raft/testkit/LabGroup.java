package io.balsa.raft.testkit;

import java.util.random.RandomGenerator;

/**
 * A group of servers as a lab scenario handles it: what can be done to servers {@code 0..size()-1} and what they show.
 * Scenarios are written against it once and played on simulated servers ({@link SimLab}) or on real ones.
 *
 * <p>Every call belongs to the scenario's own scripts: the main one and those it forks.
 */
public interface LabGroup {
    /**
     * What a server answered to a command.
     *
     * @param index  where it put the command in its log, 0 if it did not
     * @param term   of that entry
     * @param leader whether it took the command
     */
    record Started(long index, long term, boolean leader) {
        /** A server that does not run, or does not lead. */
        public static final Started REFUSED = new Started(0, 0, false);
    }

    /** What a server says of itself. */
    record State(long term, boolean leader) {
    }

    /** A script beside the main one. */
    @FunctionalInterface
    interface Fork {
        /** Waits until it has ended. */
        void join();
    }

    int size();

    /** The only source of chance a scenario may have. */
    RandomGenerator random();

    /** Milliseconds since the group was made. */
    double nowMs();

    /** The calling script sleeps. */
    void sleep(long ms);

    /** Starts a script beside the calling one; what it throws fails the scenario. */
    Fork fork(String name, Runnable script);

    /** Offers a command as the labs' {@code Start} does: answers at once with the index, long before a commit. */
    Started start(int server, byte[] command);

    /** The state of a server that is up. */
    State state(int server);

    boolean isUp(int server);

    boolean isConnected(int server);

    /** Cuts every link of this server, both ways. */
    void disconnect(int server);

    /** Restores the links to all servers that are connected themselves. */
    void connect(int server);

    /** Ends the server's process without a word, its disk keeping what was forced, and cuts its links. */
    void crash(int server);

    /** Starts the server again on its disk, crashing it first if it is up. Its links stay cut. */
    void restart(int server);

    /** Delays every frame a little and loses one in ten. */
    void setUnreliable(boolean unreliable);

    /** Delays most replies by up to seconds. */
    void setLongReordering(boolean longReordering);

    /** Requests sent so far, also to servers that cannot hear. */
    long requests();

    /** Bytes of all requests sent, and of the replies that arrived. */
    long bytes();

    /** Requests that arrived at this server. */
    long received(int server);

    /** How large the labs would call what Raft keeps on this server's disk, see {@link RaftStateSize}. */
    long raftStateBytes(int server);

    /** How many snapshots the server's process has received from leaders; it must be up. */
    long snapshotsReceived(int server);
}
