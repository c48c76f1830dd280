package io.balsa.mapreduce.cli;

/** How a command ended, for scripts. */
final class ExitCode {
    static final int OK = 0;
    static final int NOT_DONE = 1;
    static final int USAGE = 2;
    static final int UNAVAILABLE = 3;
    static final int FAILED = 4;

    private ExitCode() {
    }
}
