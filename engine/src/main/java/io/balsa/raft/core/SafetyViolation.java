package io.balsa.raft.core;

/**
 * Something happened that Raft's proof excludes: this server's memory, its disk or its code is wrong. It must stop
 * before it harms the others.
 */
public final class SafetyViolation extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    SafetyViolation(String message) {
        super(message + "; this server must not go on: keep its directory and report the fault");
    }
}
