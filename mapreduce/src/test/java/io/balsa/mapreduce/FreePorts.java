package io.balsa.mapreduce;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;

/** UDP ports for processes of a test, below those that the system hands out by itself. */
public final class FreePorts {
    private static final int LOWEST = 15_000;
    private static final int HIGHEST = 30_000;
    private static final int ATTEMPTS = 100;

    private FreePorts() {
    }

    /** The first of so many neighbouring ports that nobody has now. */
    public static int neighbours(int count) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            final int first = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
            if (IntStream.range(first, first + count).allMatch(FreePorts::isFree)) {
                return first;
            }
        }
        throw new IllegalStateException("no " + count + " neighbouring free ports in " + ATTEMPTS + " attempts");
    }

    private static boolean isFree(int port) {
        try (DatagramSocket socket =
                 new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
            return socket.isBound();
        } catch (SocketException e) {
            return false;
        }
    }
}
