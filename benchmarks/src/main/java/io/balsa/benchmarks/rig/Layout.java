package io.balsa.benchmarks.rig;

import java.util.Locale;

/** Where the nodes run. */
enum Layout {
    /** Three nodes and the caller in one JVM. */
    JVM("three nodes and the caller in one JVM"),
    /** Each node a process of its own, and the caller another. */
    PROCESSES("three node processes and a caller process");

    private final String words;

    Layout(String words) {
        this.words = words;
    }

    String words() {
        return words;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
