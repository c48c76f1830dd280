package io.balsa.aeron;

import io.balsa.raft.spi.Transport;
import io.balsa.raft.testkit.contract.TransportContract;
import org.junit.jupiter.api.io.TempDir;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Map;

/** The contract, kept over real sockets. */
abstract class AeronContract extends TransportContract {
    private final EmbeddedAeron.Tuning tuning;
    @TempDir
    private Path directory;

    AeronContract(EmbeddedAeron.Tuning tuning) {
        this.tuning = tuning;
    }

    @Override
    protected final Network network() {
        final Map<Integer, Endpoint> members = Loopback.members(3);
        return new Network() {
            @Override
            public Transport start(int node) {
                return AeronTransport.open(Loopback.config(node, members, directory).withProfile(Profile.SMALL),
                    InetAddress::getByName, tuning);
            }

            @Override
            public void close() {
                // every transport was closed by itself
            }
        };
    }
}
