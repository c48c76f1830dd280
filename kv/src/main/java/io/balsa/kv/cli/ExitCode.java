package io.balsa.kv.cli;

/** How a command ended, for scripts. */
final class ExitCode {
    static final int OK = 0;
    /** The key is absent, a compare-and-set found another value, a log, a snapshot or a backup is damaged. */
    static final int ABSENT = 1;
    /** The command line, or what it asks for, is wrong; nothing was changed. */
    static final int USAGE = 2;
    /** No node could answer in time; a write may have happened or may yet happen, and the message says whether. */
    static final int UNAVAILABLE = 3;
    /** This machine cannot do it: a port in use, a full disk, a node that does not start on a damaged log. */
    static final int FAILED = 4;

    private ExitCode() {
    }
}
