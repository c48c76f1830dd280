package io.balsa.raft.testkit.lab;

import java.util.function.Consumer;

/**
 * One test of the labs.
 *
 * @param id      as in the catalogue, such as {@code 2B-05}
 * @param name    what it is about
 * @param servers how many it needs
 * @param withSnapshots whether the service on its servers has its state written down, see {@link SnapshottingService}
 * @param script  its steps; throws when a bound is missed
 */
public record LabScenario(String id, String name, int servers, boolean withSnapshots, Consumer<Tester> script) {
    /** One whose service keeps its state in memory alone. */
    public LabScenario(String id, String name, int servers, Consumer<Tester> script) {
        this(id, name, servers, false, script);
    }

    @Override
    public String toString() {
        return id + " " + name;
    }
}
