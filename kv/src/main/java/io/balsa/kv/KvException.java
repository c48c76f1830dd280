package io.balsa.kv;

/** A call of {@link KvClient} that has no result. The message is one line, fit to be shown. */
public abstract sealed class KvException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private KvException(String message) {
        super(message);
    }

    /** A write that may have been executed, or may yet be, once. Reading tells, if nobody else writes the key. */
    public static final class Unknown extends KvException {
        private static final long serialVersionUID = 1L;

        Unknown(String message) {
            super(message);
        }
    }

    /** Certainly not executed: no node took it in time. */
    public static final class Unavailable extends KvException {
        private static final long serialVersionUID = 1L;

        Unavailable(String message) {
            super(message);
        }
    }

    /** Certainly without effect, and it would be so again: too large, or wrong for the value that is there. */
    public static final class Refused extends KvException {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }
}
