package io.balsa.aeron;

/** Frames as one datagram each, as on loopback. */
class AeronTransportTest extends AeronContract {
    AeronTransportTest() {
        super(EmbeddedAeron.Tuning.NONE);
    }
}
