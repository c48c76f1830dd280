package io.balsa.aeron;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class AeronConfigTest {
    private static final Path DATA = Path.of("data");
    private static final Endpoint FIRST = Endpoint.parse("127.0.0.1:9000");
    private static final Endpoint SECOND = Endpoint.parse("127.0.0.1:9010");

    @Test
    void aNodeBindsWhereItsMembersSayThatItIs() {
        final AeronConfig config = AeronConfig.of(7, 1, Map.of(0, FIRST, 1, SECOND), DATA);
        assertEquals(SECOND, config.bind());
        assertEquals(Map.of(0, FIRST), config.peers());
        assertEquals(Endpoint.parse("0.0.0.0:9010"), config.withBind(Endpoint.parse("0.0.0.0:9010")).bind());
    }

    @Test
    void aNodeThatIsNotAMemberIsRefused() {
        assertRefused("node 2 is not among", () -> AeronConfig.of(7, 2, Map.of(0, FIRST, 1, SECOND), DATA));
    }

    @Test
    void twoNodesAtOneAddressAreRefused() {
        assertRefused("already", () -> AeronConfig.of(7, 0, Map.of(0, FIRST, 1, FIRST), DATA));
    }

    @Test
    void aNodeAtTheSecondPortOfAnotherIsRefused() {
        final Endpoint next = Endpoint.parse("127.0.0.1:9001");
        assertRefused("each node takes two", () -> AeronConfig.of(7, 0, Map.of(0, FIRST, 1, next), DATA));
        assertRefused("each node takes two", () -> AeronConfig.of(7, 1, Map.of(0, FIRST, 1, next), DATA));
        assertRefused("each node takes two", () -> AeronConfig.of(7, 2, Map.of(0, FIRST, 1, next, 2, SECOND), DATA));
    }

    @Test
    void aPortWithoutANextOneIsRefused() {
        final Endpoint last = Endpoint.parse("127.0.0.1:65535");
        assertRefused("bind: 127.0.0.1:65535 leaves no next", () -> AeronConfig.of(7, 0, Map.of(0, last), DATA));
        assertRefused("peers: 127.0.0.1:65535 leaves no next",
            () -> AeronConfig.of(7, 0, Map.of(0, FIRST, 1, last), DATA));
        AeronConfig.of(7, 0, Map.of(0, Endpoint.parse("127.0.0.1:65534")), DATA);
    }

    @Test
    void nodeIdsThatNoFrameCanCarryAreRefused() {
        assertRefused("65536", () -> AeronConfig.of(7, 0, Map.of(0, FIRST, 65_536, SECOND), DATA));
        assertRefused("-1", () -> AeronConfig.of(7, -1, Map.of(0, FIRST, -1, SECOND), DATA));
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:9000", "node-0.cluster.local:9000", "[::1]:9000"})
    void endpointsReadBackAsTheyWereWritten(String text) {
        assertEquals(text, Endpoint.parse(text).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "9000", ":9000", "host", "host:", "host:x", "host:0", "host:65536", "::1:9000",
        "host|mtu=64:9000"})
    void whatIsNoEndpointIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> Endpoint.parse(text));
    }

    private static void assertRefused(String why, Runnable construction) {
        final String message = assertThrows(IllegalArgumentException.class, construction::run).getMessage();
        assertTrue(message.contains(why), message);
    }
}
