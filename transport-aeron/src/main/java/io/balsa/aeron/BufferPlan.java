package io.balsa.aeron;

import java.util.Optional;

/**
 * The sizes of one node's buffers, worked out from what the machine grants. All in bytes.
 *
 * <pre>
 *  files of one node = driver                       1 x 12 MiB + 4 KiB
 *                    + publications, per peer       control log + append log + snapshot log
 *                    + images, per peer             the same again: peers send as we do
 *  log               = 3 terms + 4 KiB
 * </pre>
 *
 * @param appendTerm     length of one append term
 * @param receiverWindow how much one peer may have in flight towards us on the append stream; half the socket buffer,
 *                       since all peers and both streams share that, and the kernel counts its own overhead in it
 * @param snapshotWindow the same on the snapshot stream, whose socket is its own
 * @param controlMtu     the longest datagram of the control stream
 * @param appendMtu      the longest datagram of the append stream
 * @param snapshotMtu    the longest datagram of the snapshot stream
 * @param total          all files of this node
 */
record BufferPlan(Profile profile, int appendTerm, int receiverWindow, int snapshotWindow, SocketBuffers sockets,
                  int controlMtu, int appendMtu, int snapshotMtu, boolean loopback, long total) {
    /** The shortest that Aeron has: a control frame waits in a short queue or not at all. */
    static final int CONTROL_TERM = 64 << 10;
    static final int CONTROL_WINDOW = CONTROL_TERM / 2;
    static final int COUNTER_VALUES = 1 << 20;

    /** Aeron's message limit is an eighth of a term, and its datagram limit must not exceed that. */
    static final int CONTROL_MTU_ON_LOOPBACK = CONTROL_TERM / 8;
    static final int DATA_HEADER = 32;
    /** One datagram on loopback; 6 elsewhere. */
    static final int MAX_CONTROL_FRAME = CONTROL_MTU_ON_LOOPBACK - DATA_HEADER;

    /** Fits the 1500 bytes of an Ethernet frame through most tunnels, so that IP never fragments. */
    private static final int MTU_OFF_HOST = 1408;
    /** Commands 1, answers 1, counters 1 + 4, errors 4, loss report 1: the least that Aeron takes. */
    private static final long DRIVER_FILES = (12L << 20) + 4096;
    private static final int LOG_METADATA = 4096;
    /** Below this, a large window would only overrun the socket. */
    private static final int SOCKET_BUFFER_FOR_BULK = 1 << 20;

    /**
     * Chooses the larger profile that fits, or the one asked for if that fits.
     *
     * @param free     bytes that can be used for files
     * @param sockets  what was granted
     * @param loopback whether all members are on this host
     * @return empty when not even the smaller one fits
     */
    static Optional<BufferPlan> choose(Optional<Profile> asked, int peers, long free, SocketBuffers sockets,
                                       boolean loopback) {
        if (asked.isPresent()) {
            return Optional.of(of(asked.get(), peers, sockets, loopback)).filter(plan -> plan.total <= free);
        }
        final BufferPlan bulk = of(Profile.BULK, peers, sockets, loopback);
        // All members may be about to start on this host, each seeing the same free memory.
        if (bulk.total * (peers + 1) <= free && sockets.receive() >= SOCKET_BUFFER_FOR_BULK) {
            return Optional.of(bulk);
        }
        return Optional.of(of(Profile.SMALL, peers, sockets, loopback)).filter(plan -> plan.total <= free);
    }

    static BufferPlan of(Profile profile, int peers, SocketBuffers granted, boolean loopback) {
        int term = profile.maxAppendTerm;
        while (term > profile.minAppendTerm && total(profile, peers, term) > profile.budget) {
            term >>= 1;
        }
        final SocketBuffers sockets = new SocketBuffers(Math.min(granted.receive(), profile.socketBuffer),
            Math.min(granted.send(), profile.socketBuffer));
        final int window = Math.min(sockets.receive() / 2, term / 2);
        final int wholeFrame = Math.min(profile.maxAppendFrame + DATA_HEADER, term / 8);
        final boolean large = loopback && window >= 2 * wholeFrame && sockets.send() >= wholeFrame;
        final int snapshotWindow = Math.min(sockets.receive() / 2, profile.snapshotTerm / 2);
        return new BufferPlan(profile, term, window, snapshotWindow, sockets,
            large ? CONTROL_MTU_ON_LOOPBACK : MTU_OFF_HOST, large ? wholeFrame : MTU_OFF_HOST,
            large ? profile.snapshotTerm / 8 : MTU_OFF_HOST, loopback, total(profile, peers, term));
    }

    int maxAppendFrame() {
        return profile.maxAppendFrame;
    }

    /** As long as the term allows, and shorter than an append frame: control frames wait for one at most. */
    int maxSnapshotFrame() {
        return profile.snapshotTerm / 8 - DATA_HEADER;
    }

    int snapshotTerm() {
        return profile.snapshotTerm;
    }

    /** One line for an operator, without the directory. */
    String describe() {
        return profile + " profile: " + mebibytes(total) + " of buffers, append terms " + (appendTerm >> 10)
            + " KiB, window " + (receiverWindow >> 10) + " KiB, snapshot terms " + (profile.snapshotTerm >> 10)
            + " KiB, window " + (snapshotWindow >> 10) + " KiB, SO_RCVBUF " + (sockets.receive() >> 10)
            + " KiB, datagrams up to " + appendMtu + " B" + (loopback ? " (loopback)" : "");
    }

    static String mebibytes(long bytes) {
        final long tenths = Math.round(bytes * 10.0 / (1 << 20));
        return tenths / 10 + "." + tenths % 10 + " MiB";
    }

    private static long total(Profile profile, int peers, int appendTerm) {
        return DRIVER_FILES + 2L * peers * (log(CONTROL_TERM) + log(appendTerm) + log(profile.snapshotTerm));
    }

    private static long log(int term) {
        return 3L * term + LOG_METADATA;
    }
}
