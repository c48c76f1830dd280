package io.balsa.benchmarks.rig;

/** Where the nodes of a subject listen, on loopback; only one subject runs at a time. */
final class Ports {
    /** Node {@code i} has the ten ports from {@code FIRST + 10 * i}. */
    static final int FIRST = 19_400;

    private Ports() {
    }
}
