package io.balsa.aeron;

import java.util.Optional;

import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;

/** Puts the parts of messages of one sender together again. */
final class LinkAssembly {
    private final Endpoint sender;
    private ExpandableArrayBuffer whole = new ExpandableArrayBuffer();
    private int length;
    private boolean begun;

    LinkAssembly(Endpoint sender) {
        this.sender = sender;
    }

    /** Where the sender receives. */
    Endpoint sender() {
        return sender;
    }

    /** Takes the next part; returns the message when this was its last one. */
    Optional<byte[]> onPart(int flags, DirectBuffer buffer, int offset, int partLength) {
        if ((flags & LinkFrame.BEGIN) != 0) {
            begun = true;
            length = 0;
        }
        if (!begun || length + partLength > RequestLink.MAX_MESSAGE) {
            begun = false; // the rest of a message whose beginning was dropped, or of one that is none of ours
            return Optional.empty();
        }
        whole.putBytes(length, buffer, offset, partLength);
        length += partLength;
        if ((flags & LinkFrame.END) == 0) {
            return Optional.empty();
        }
        final byte[] message = new byte[length];
        whole.getBytes(0, message);
        whole = new ExpandableArrayBuffer(); // one long message must not cost its sender's image that much for good
        begun = false;
        return Optional.of(message);
    }
}
