package io.balsa.aeron;

/** Long frames as many datagrams, as between hosts. */
class FragmentedTransportTest extends AeronContract {
    private static final int MTU_BETWEEN_HOSTS = 1408;

    FragmentedTransportTest() {
        super((driver, client) -> driver.mtuLength(MTU_BETWEEN_HOSTS));
    }
}
