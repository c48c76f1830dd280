package io.balsa.raft.testkit;

import java.util.HashMap;
import java.util.Map;

/** Looks at the snapshots on the wire: how often one was gone on with where it had been interrupted. */
final class SimTransfers {
    private static final class Transfer {
        private long contentHash;
        private int from;
        private long fromTerm;
        private long end;
    }

    private final Map<Integer, Transfer> byReceiver = new HashMap<>();
    private long goneOn;
    private long handedOver;

    /** A frame with a part of a snapshot leaves; those without are questions. */
    void onSend(FrameView frame) {
        if (frame.snapshotBytes() == 0) {
            return;
        }
        final Transfer last = byReceiver.computeIfAbsent(frame.to(), to -> new Transfer());
        final boolean begun = frame.snapshotPosition() > 0;
        if (begun && frame.contentHash() == last.contentHash) {
            if (frame.from() != last.from || frame.term() != last.fromTerm) {
                handedOver++;
            } else if (frame.snapshotPosition() != last.end) {
                goneOn++;
            }
        }
        last.contentHash = frame.contentHash();
        last.from = frame.from();
        last.fromTerm = frame.term();
        last.end = frame.snapshotPosition() + frame.snapshotBytes();
    }

    /** How often a sender went back to a byte that the receiver lacked, and not to the first. */
    long goneOn() {
        return goneOn;
    }

    /** How often another leader went on with what one before it had begun. */
    long handedOver() {
        return handedOver;
    }
}
