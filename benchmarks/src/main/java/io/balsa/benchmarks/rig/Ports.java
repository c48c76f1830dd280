package io.balsa.benchmarks.rig;

import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Where the nodes of a subject listen, on loopback; only one subject runs at a time. */
final class Ports {
    /** The port of a node at which {@link Gate} listens. */
    static final int GATE = 9;

    private static final int FIRST = 19_400;
    private static final int EACH = 10;

    private Ports() {
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
