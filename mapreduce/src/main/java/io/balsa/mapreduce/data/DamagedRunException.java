package io.balsa.mapreduce.data;

import java.io.IOException;

/** A run is not as it was written. The message is one line. */
final class DamagedRunException extends IOException {
    private static final long serialVersionUID = 1;

    DamagedRunException(String message) {
        super(message);
    }

    DamagedRunException(String message, Throwable cause) {
        super(message, cause);
    }
}
