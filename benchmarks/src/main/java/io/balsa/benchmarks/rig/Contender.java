package io.balsa.benchmarks.rig;

import java.io.Closeable;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What can be measured, and with which settings. */
enum Contender {
    /** Bytes written and forced on three files at once. */
    FILES("floor: three files", "write and fdatasync by three threads on three files at once, allocated before"),
    /** A datagram there and back. */
    UDP("floor: UDP", "one datagram on loopback there and back, one thread that spins"),
    BALSA("Balsa", "shipped defaults (memory: durability MEMORY_QUORUM, the force follows)"),
    JGROUPS("jgroups-raft 1.1.4", "TCP, file log, log_use_fsync as said, no snapshots; else as shipped"),
    AERON("Aeron Cluster 1.51.0", "archive and consensus module at file sync level 1 (memory: 0), SHARED threading, "
        + "idle backs off to 50 us, ingress and egress by IPC in one JVM and by UDP between processes"),
    SOFAJRAFT("SOFAJRaft 1.4.1", "segment log, sync and syncMeta as said, replicator pipeline, ReadIndex"),
    RATIS("Ratis 3.3.0", "Netty in one JVM, gRPC between processes, synchronous flush (memory: unsafe flush), "
        + "linearizable reads; its client goes over the network in one JVM too"),
    ETCD("etcd", "Debian's package, one gRPC connection to the leader; always processes, always forced");

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

    boolean isPeer() {
        return !isFloor() && this != BALSA;
    }

    /** Whether its nodes take operations in their own process; else they come through the system's own client. */
    boolean hasMembers() {
        return this == BALSA || this == JGROUPS || this == SOFAJRAFT;
    }

    boolean hasReads() {
        return this == BALSA || this == SOFAJRAFT || this == RATIS || this == ETCD;
    }

    /** How long a killed node is left alone: mark files that look alive keep Aeron from starting again. */
    int secondsUntilRestart() {
        return this == AERON ? 11 : 0;
    }

    /** Whether there is something to measure: floors have one layout, and not all can leave the disk out. */
    boolean can(Layout layout, boolean forced) {
        return switch (this) {
            case FILES, UDP -> layout == Layout.JVM;
            case ETCD -> layout == Layout.PROCESSES && forced;
            case BALSA, JGROUPS, AERON, SOFAJRAFT, RATIS -> true;
        };
    }

    /** All of it in this JVM, or the caller's side of node processes. */
    Subject subject(Layout layout, Setting setting) {
        if (layout == Layout.PROCESSES) {
            return subject(setting, processes(setting));
        }
        return hasMembers() ? new MembersInJvm(this, setting)
            : subject(layout, setting, new NodesInJvm(this, setting));
    }

    /** The caller's side of these node processes. */
    Subject subject(Setting setting, Processes processes) {
        return subject(Layout.PROCESSES, setting, processes);
    }

    private Subject subject(Layout layout, Setting setting, Nodes nodes) {
        return switch (this) {
            case BALSA, JGROUPS, SOFAJRAFT -> new GateSubject(nodes);
            case AERON -> new AeronClusterSubject(nodes, setting, layout);
            case RATIS -> new RatisSubject(nodes, layout);
            case ETCD -> new EtcdSubject(nodes);
            case FILES, UDP -> throw new IllegalArgumentException(this + " is a floor, not a system");
        };
    }

    /** The node processes of this system, not started yet. */
    Processes processes(Setting setting) {
        return this == ETCD ? EtcdProgram.processes(setting) : Processes.ofJvms(this, setting);
    }

    /** Starts a node of which {@link #hasMembers()} says so. */
    Member member(int id, Setting setting, Answers answers) throws Exception {
        return switch (this) {
            case BALSA -> new BalsaMember(id, setting, answers);
            case JGROUPS -> new JgroupsMember(id, setting, answers);
            case SOFAJRAFT -> new SofaJraftMember(id, setting, answers);
            case AERON, RATIS, ETCD, FILES, UDP -> throw new IllegalArgumentException(this + " has its own client");
        };
    }

    /** Starts a node of one of the others. */
    Closeable node(int id, Setting setting, Layout layout) throws IOException {
        return switch (this) {
            case AERON -> new AeronClusterNode(id, setting, layout);
            case RATIS -> new RatisNode(id, setting, layout);
            case BALSA, JGROUPS, SOFAJRAFT, ETCD, FILES, UDP ->
                throw new IllegalArgumentException(this + " is not started so");
        };
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
