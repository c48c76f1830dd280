package io.balsa.kv;

import java.io.IOException;

/** The other side does not speak RESP2; what follows cannot be understood, so the connection must be closed. */
final class ProtocolException extends IOException {
    private static final long serialVersionUID = 1L;

    ProtocolException(String message) {
        super(message);
    }
}
