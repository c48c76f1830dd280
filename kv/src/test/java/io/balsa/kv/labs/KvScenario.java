package io.balsa.kv.labs;

import java.util.function.Consumer;

/**
 * One test of the labs on the store.
 *
 * @param id      as in the catalogue, such as {@code 3A-05}
 * @param name    what it is about
 * @param servers how many it needs
 * @param maxRaftState a server has its state written down when its log has grown by so many bytes since the last time;
 *                negative: never
 * @param script  its steps; throws when a bound is missed
 */
record KvScenario(String id, String name, int servers, int maxRaftState, Consumer<KvTester> script) {
    /** What lab 3A plays with: the log is whole, and there are no snapshots. */
    static final int NO_SNAPSHOTS = -1;

    /** One of lab 3A. */
    KvScenario(String id, String name, int servers, Consumer<KvTester> script) {
        this(id, name, servers, NO_SNAPSHOTS, script);
    }

    /** The same with snapshots, under an id of its own. */
    KvScenario withMaxRaftState(String newId, int bytes) {
        return new KvScenario(newId, name, servers, bytes, script);
    }

    @Override
    public String toString() {
        return id + " " + name;
    }
}
