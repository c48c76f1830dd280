package io.balsa.benchmarks.rig;

import java.io.IOException;
import java.util.Arrays;
import java.util.logging.Level;
import java.util.logging.Logger;

/** One node as a process. It ends when its standard input does, that is, with the process that started it. */
final class NodeProcess {
    private NodeProcess() {
    }

    /** Arguments: the system, the node's id and a {@link Setting}. */
    public static void main(String[] args) {
        Logger.getLogger("").setLevel(Level.SEVERE); // of libraries
        try {
            run(args);
        } catch (Exception | LinkageError e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(1); // whatever threads a library has started by now
        }
    }

    private static void run(String[] args) throws Exception {
        final Contender contender = Contender.named(args[0]);
        final int id = Integer.parseInt(args[1]);
        final Setting setting = Setting.parse(Arrays.asList(args).subList(2, args.length));
        final Thread ending = new Thread(NodeProcess::endWithInput, "end");
        ending.setDaemon(true);
        ending.start();
        if (contender.hasMembers()) {
            final Gate gate = new Gate();
            gate.serve(Ports.of(id, Ports.GATE), contender.member(id, setting, gate));
        } else {
            contender.node(id, setting, Layout.PROCESSES);
            ending.join();
        }
    }

    private static void endWithInput() {
        try {
            while (System.in.read() >= 0) {
                Thread.onSpinWait();
            }
        } catch (IOException e) {
            System.err.println("standard input: " + e.getMessage());
        }
        Runtime.getRuntime().halt(0);
    }
}
