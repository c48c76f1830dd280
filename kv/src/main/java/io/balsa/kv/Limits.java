package io.balsa.kv;

import io.balsa.raft.spi.RaftLog;

/** What a request may be at most; the same on every node, since the state machine refuses by some of them. */
final class Limits {
    static final int KEY_BYTES = 64 << 10;
    static final int VALUE_BYTES = 1 << 20;
    /** One command as it stands in the log: the engine's limit. */
    static final int COMMAND_BYTES = RaftLog.MAX_COMMAND_BYTES;
    /** What a command needs in the log beside its arguments, generously. */
    static final int COMMAND_OVERHEAD = 64;
    /** What one argument needs in the log beside its bytes. */
    static final int ARGUMENT_OVERHEAD = Integer.BYTES;
    /** SBE counts the arguments in 16 bits and keeps the two highest numbers for itself. */
    static final int ARGUMENTS = 65_532;
    /** What a request may have beside a command's arguments: its name, and before that {@code BALSA.DO} and numbers. */
    static final int ENVELOPE_WORDS = 5;
    /** Their bytes, generously. A command that one node takes, it must be able to pass on to another. */
    static final int ENVELOPE_BYTES = 256;
    /** A reply of several values or keys. Bounds what one small request can make a node hold for a slow reader. */
    static final int REPLY_BYTES = 16 << 20;
    /** How many keys one KEYS, SCAN step or BALSA.RANGE names. */
    static final int RANGE_KEYS = 10_000;
    /** How many bytes of keys one SCAN step or BALSA.RANGE names; the first key always fits. */
    static final int RANGE_BYTES = 1 << 20;

    private Limits() {
    }
}
