package io.balsa.aeron;

/** How much shared memory the buffers of one node may take, and what that buys. */
public enum Profile {
    /** At most 20 MiB in a group of three, which so fits the 64 MiB a container gets by default; 22 in one of five. */
    SMALL(22 << 20, 256 << 10, 512 << 10, 32 << 10, 64 << 10, 256 << 10),
    /** At most 128 MiB: windows that keep a link busy while one end is descheduled. */
    BULK(128 << 20, 2 << 20, 4 << 20, 60 << 10, 256 << 10, 2 << 20);

    /** Bytes of files for one node. */
    final int budget;
    /** An append log has three terms. The shortest that carry the longest frame, an eighth of a term. */
    final int minAppendTerm;
    /** Longer ones only stall the loop, which writes all pages of a log when a peer connects. */
    final int maxAppendTerm;
    /** The longest append frame. On loopback it goes as one datagram, which 64 KiB bound. */
    final int maxAppendFrame;
    /** Short: all that is under way on this stream is handled between two frames of the others. */
    final int snapshotTerm;
    /** What to ask the operating system for, as SO_RCVBUF and SO_SNDBUF. */
    final int socketBuffer;

    Profile(int budget, int minAppendTerm, int maxAppendTerm, int maxAppendFrame, int snapshotTerm,
            int socketBuffer) {
        this.budget = budget;
        this.minAppendTerm = minAppendTerm;
        this.maxAppendTerm = maxAppendTerm;
        this.maxAppendFrame = maxAppendFrame;
        this.snapshotTerm = snapshotTerm;
        this.socketBuffer = socketBuffer;
    }
}
