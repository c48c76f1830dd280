package io.balsa.kv;

import java.io.IOException;

/** The bytes of a snapshot were read, and are not a state of this store. */
final class MalformedStateException extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedStateException(String message) {
        super(message);
    }
}
