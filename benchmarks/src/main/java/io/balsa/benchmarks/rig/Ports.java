package io.balsa.benchmarks.rig;

import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Where the nodes of a subject listen, on loopback; a rig runs one subject at a time, and has ports of its own. */
final class Ports {
    /** The port of a node at which {@link Gate} listens. */
    static final int GATE = 9;

    /** The property with the first port. */
    static final String PROPERTY = "rig.port";

    private static final int FIRST = Integer.getInteger(PROPERTY, 19_400);
    private static final int EACH = 10;
    private static final int RANGE_FIRST = 20_000;
    private static final int RANGE = 200;
    private static final int RANGES = 50;

    private Ports() {
    }

    /** The first port for the subjects of the rig with this process id. */
    static int firstFor(long pid) {
        return RANGE_FIRST + RANGE * (int) (pid % RANGES);
    }

    /** Port {@code number}, 0 to 9, of node {@code id}. */
    static int of(int id, int number) {
        return FIRST + EACH * id + number;
    }

    /** The same port, with its address. */
    static String address(int id, int number) {
        return "127.0.0.1:" + of(id, number);
    }

    /** A list with one item for each node. */
    static String forAll(IntFunction<String> item, String separator) {
        return IntStream.range(0, Subject.NODES).mapToObj(item).collect(Collectors.joining(separator));
    }
}
