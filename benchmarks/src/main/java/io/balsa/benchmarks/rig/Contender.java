package io.balsa.benchmarks.rig;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What can be measured, and with which settings. */
enum Contender {
    /** Bytes written and forced on three files at once, by three threads. */
    FILES("floor: three files", "write and fdatasync by three threads on three files at once, allocated before"),
    /** A datagram there and back. */
    UDP("floor: UDP", "one datagram on loopback there and back, one thread that spins"),
    BALSA("Balsa", "shipped defaults"),
    JGROUPS("jgroups-raft 1.1.4", "TCP, file log, log_use_fsync as said, no snapshots"),
    AERON("Aeron Cluster 1.51.0",
        "file sync level 1 or 0, SHARED threading, back-off idle to 50 us, IPC to the leader's driver and back"),
    SOFAJRAFT("SOFAJRaft 1.4.1", "segment log, sync and syncMeta as said, replicator pipeline, ReadIndex");

    private final String label;
    private final String settings;

    Contender(String label, String settings) {
        this.label = label;
        this.settings = settings;
    }

    String label() {
        return label;
    }

    String settings() {
        return settings;
    }

    boolean isFloor() {
        return this == FILES || this == UDP;
    }

    /** Whether it needs libraries that Balsa does not have. */
    boolean isPeer() {
        return !isFloor() && this != BALSA;
    }

    /** Three nodes in this JVM, with their data under {@code dir}. */
    Subject inJvm(Path dir, boolean forced) {
        return switch (this) {
            case BALSA -> new BalsaInJvm(dir);
            case JGROUPS -> new JgroupsInJvm(dir, forced);
            case AERON -> new AeronClusterInJvm(dir, forced ? 1 : 0);
            case SOFAJRAFT -> new SofaJraftInJvm(dir, forced);
            case FILES, UDP -> throw new IllegalArgumentException(this + " is a floor, not a system");
        };
    }

    boolean can(boolean forced) {
        return forced || isPeer();
    }

    /** By the name on the command line. */
    static Contender named(String name) {
        for (Contender contender : values()) {
            if (contender.toString().equals(name)) {
                return contender;
            }
        }
        throw new IllegalArgumentException("no system \"" + name + "\"; there are "
            + Arrays.stream(values()).map(Contender::toString).collect(Collectors.joining(", ")));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
