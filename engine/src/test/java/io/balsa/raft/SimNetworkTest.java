package io.balsa.raft;

import java.util.SplittableRandom;

import io.balsa.raft.spi.Transport;
import io.balsa.raft.testkit.Faults;
import io.balsa.raft.testkit.Schedule;
import io.balsa.raft.testkit.SimNetwork;
import io.balsa.raft.testkit.contract.TransportContract;

/** Without faults, the simulated network keeps the contract of the real one. */
class SimNetworkTest extends TransportContract {
    private static final long TURN_NS = 100_000;

    @Override
    protected Network network() {
        final Schedule schedule = new Schedule();
        final SimNetwork wires = new SimNetwork(3, new int[] {4 << 10, 32 << 10, 32 << 10},
            new int[] {16 << 10, 256 << 10, 256 << 10}, schedule, new SplittableRandom(1),
            Faults.none().network(), SimNetwork.Observer.NONE);
        return new Network() {
            @Override
            public Transport start(int node) {
                return wires.connect(node);
            }

            @Override
            public void onTurn() {
                final long end = schedule.now() + TURN_NS;
                while (schedule.runNext(end)) {
                    // frames arrive
                }
            }

            @Override
            public void close() {
                for (int node = 0; node < 3; node++) {
                    wires.disconnect(node);
                }
            }
        };
    }
}
