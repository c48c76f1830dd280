package io.balsa.aeron;

import io.balsa.raft.spi.Transport;
import io.balsa.raft.testkit.contract.TransportContract;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.Map;

class AeronTransportTest extends TransportContract {
    @TempDir
    private Path directory;

    @Override
    protected Network network() {
        final Map<Integer, Endpoint> members = Loopback.members(3);
        return new Network() {
            @Override
            public Transport start(int node) {
                return AeronTransport.open(Loopback.config(node, members, directory).withProfile(Profile.SMALL));
            }

            @Override
            public void close() {
                // every transport was closed by itself
            }
        };
    }
}
