package io.balsa.benchmarks.rig;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Three nodes in this JVM that are reached through their own client. */
final class NodesInJvm implements Nodes {
    private final Contender contender;
    private final Setting setting;
    private final List<Closeable> nodes = new ArrayList<>();

    NodesInJvm(Contender contender, Setting setting) {
        this.contender = contender;
        this.setting = setting;
    }

    @Override
    public void start() throws Exception {
        for (int id = 0; id < Subject.NODES; id++) {
            nodes.add(contender.node(id, setting, Layout.JVM));
        }
    }

    @Override
    public void close() throws IOException {
        for (Closeable node : nodes) {
            node.close();
        }
    }
}
