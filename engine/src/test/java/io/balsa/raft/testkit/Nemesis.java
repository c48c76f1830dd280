package io.balsa.raft.testkit;

import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Strikes the group from outside: crashes, pauses, partitions, full disks. */
final class Nemesis<R> {
    private final SimCluster<R> cluster;
    private final SimWorld<R> world;
    private final RandomGenerator random;
    private final Faults.Strikes strikes;
    private boolean calm;
    private final Set<Integer> losers = new HashSet<>();
    private long cuts;
    private long struck;

    Nemesis(SimCluster<R> cluster, RandomGenerator random, Faults.Strikes strikes) {
        this.cluster = cluster;
        this.world = cluster.world();
        this.random = random;
        this.strikes = strikes;
    }

    /** Strikes now and then until {@link #calm()}. */
    void start() {
        world.schedule().after(1 + random.nextLong(2 * strikes.meanGapNs()), () -> {
            if (!calm) {
                strike();
                start();
            }
        });
    }

    /** A leader was elected: the moments after are where most bugs live. */
    void onElected(SimNode<R> leader) {
        if (!calm && random.nextDouble() < strikes.hunt()) {
            world.schedule().after(random.nextLong(strikes.huntWithinNs()), () -> {
                if (!calm) {
                    hunt(leader);
                }
            });
        }
    }

    /** A node is down; it comes back after a while. */
    void onDown(SimNode<R> node) {
        final boolean atOnce = calm || random.nextDouble() < strikes.instant();
        world.schedule().after(atOnce ? 1 : 1 + random.nextLong(strikes.maxDownNs()), node::start);
    }

    /** A node refused to start on a damaged disk; somebody puts an empty one in. */
    void onCorrupt(SimNode<R> node) {
        world.schedule().after(calm ? 1 : 1 + random.nextLong(strikes.maxDownNs()), () -> {
            if (node.disk().isDamaged()) {
                world.note(node.id(), "gets an empty disk");
                empty(node);
                node.start();
            }
        });
    }

    /** Heals everything and strikes no more. */
    void calm() {
        calm = true;
        world.network().heal();
        for (final SimNode<R> node : world.nodes()) {
            node.disk().setFull(false);
            node.process().ifPresent(SimProcess::resume);
            node.start();
        }
    }

    boolean isCalm() {
        return calm;
    }

    long struck() {
        return struck;
    }

    private void hunt(SimNode<R> leader) {
        struck++;
        if (random.nextDouble() < strikes.blackout()) {
            world.nodes().forEach(node -> crash(node, "loses power, as all do"));
        }
        if (random.nextDouble() < strikes.isolate()) {
            isolate(leader);
            return;
        }
        switch (random.nextInt(3)) {
            case 0 -> crash(leader, "crashes");
            case 1 -> pause(leader);
            default -> leader.process().ifPresent(process -> process.killWithin(1 + random.nextInt(20)));
        }
    }

    private void strike() {
        final int[] weights = {strikes.crash(), strikes.killInside(), strikes.cleanStop(), strikes.pause(),
            strikes.partition(), strikes.oneWayCut(), strikes.bridge(), strikes.heal(), strikes.diskFull(),
            strikes.newDisk(), strikes.damage(), strikes.clockJump()};
        int sum = 0;
        for (final int weight : weights) {
            sum += weight;
        }
        int kind = 0;
        for (int left = random.nextInt(sum); left >= weights[kind]; kind++) {
            left -= weights[kind];
        }
        final SimNode<R> node = cluster.draw(random, strikes.onLeader());
        struck++;
        switch (kind) {
            case 0 -> crash(node, "crashes");
            case 1 -> node.process().ifPresent(process -> process.killWithin(1 + random.nextInt(50)));
            case 2 -> node.stop("stops in good order");
            case 3 -> pause(node);
            case 4 -> partition();
            case 5 -> oneWayCut(node);
            case 6 -> bridge(node);
            case 7 -> heal(++cuts);
            case 8 -> fillDisk(node);
            case 9 -> loseDisk(node);
            case 10 -> damageDisk(node);
            default -> node.jumpAhead(1 + random.nextLong(strikes.maxPauseNs()));
        }
    }

    private void pause(SimNode<R> node) {
        world.note(node.id(), "pauses");
        node.process().ifPresent(process -> process.pause(1 + random.nextLong(strikes.maxPauseNs())));
    }

    private void partition() {
        final int sides = random.nextInt();
        cutWhere((from, to) -> ((sides >>> from ^ sides >>> to) & 1) != 0, "partition " + Integer.toBinaryString(sides
            & (1 << world.nodes().size()) - 1));
    }

    private void isolate(SimNode<R> node) {
        cutWhere((from, to) -> from == node.id() || to == node.id(), "isolated");
    }

    /** All it sends, all it hears, or one of these for one peer only. */
    private void oneWayCut(SimNode<R> node) {
        final int peer = random.nextInt(world.nodes().size());
        switch (random.nextInt(3)) {
            case 0 -> cutWhere((from, to) -> from == node.id(), "n" + node.id() + " is not heard");
            case 1 -> cutWhere((from, to) -> to == node.id(), "n" + node.id() + " hears nothing");
            default -> cutWhere((from, to) -> from == node.id() && to == peer, "n" + node.id() + " cut to " + peer);
        }
    }

    /** Two halves that meet in one node only. */
    private void bridge(SimNode<R> middle) {
        final int half = world.nodes().size() / 2;
        cutWhere((from, to) -> from != middle.id() && to != middle.id() && from < half != to < half,
            "bridge over n" + middle.id());
    }

    private void cutWhere(Wires wires, String what) {
        world.note(0, what);
        world.network().heal();
        for (final SimNode<R> from : world.nodes()) {
            for (final SimNode<R> to : world.nodes()) {
                if (from != to && wires.contain(from.id(), to.id())) {
                    world.network().cut(from.id(), to.id());
                }
            }
        }
        final long cut = ++cuts;
        world.schedule().after(random.nextLong(strikes.maxCutNs()), () -> heal(cut));
    }

    /** Heals unless another cut has replaced this one. */
    private void heal(long cut) {
        if (cut == cuts && !calm) {
            world.note(0, "network heals");
            world.network().heal();
        }
    }

    private void fillDisk(SimNode<R> node) {
        world.note(node.id(), "disk is full");
        node.disk().setFull(true);
        world.schedule().after(random.nextLong(strikes.maxPauseNs()), () -> node.disk().setFull(false));
    }

    private void loseDisk(SimNode<R> node) {
        if (mayLose(node) && !node.disk().isDamaged()) {
            node.crash("loses its disk and gets an empty one");
            empty(node);
        }
    }

    /** Somebody starts it as a new member, or has it rebuilt, with what is left of its term and vote or without. */
    private void empty(SimNode<R> node) {
        final int way = random.nextInt(6);
        if (way == 0) {
            node.disk().replace();
        } else {
            node.disk().rebuild(way > 3);
        }
    }

    private void damageDisk(SimNode<R> node) {
        if (mayLose(node) && !node.disk().isDamaged()) {
            node.crash("crashes, and a bit of its disk flips");
            node.disk().damage();
        }
    }

    private void crash(SimNode<R> node, String how) {
        if (mayDie(node)) {
            node.crash(how);
        }
    }

    /** Where entries count in memory, a process that dies loses some as a disk does. */
    boolean mayDie(SimNode<R> node) {
        return !node.disk().countsInMemory() || mayLose(node);
    }

    /** What a majority has forced must stay on one disk of every majority: only a minority may ever lose theirs. */
    private boolean mayLose(SimNode<R> node) {
        losers.removeIf(id -> world.nodes().get(id).disk().isVoter() && !world.nodes().get(id).disk().isDamaged()
            && !world.nodes().get(id).disk().hasFailed());
        if (losers.size() < (world.nodes().size() - 1) / 2) {
            losers.add(node.id());
        }
        return losers.contains(node.id());
    }

    /** Some of the wires. */
    @FunctionalInterface
    private interface Wires {
        boolean contain(int from, int to);
    }
}
