package io.balsa.raft.core;

/**
 * The newest part of a log as runs of equal terms, oldest first. Run {@code i} ends where run {@code i + 1} begins, the
 * last one at the log's end. Valid during one input or effect.
 */
public interface TermRuns {
    int count();

    long termOf(int run);

    long firstIndexOf(int run);
}
