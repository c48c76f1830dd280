package io.balsa.kv;

/**
 * The way to the node that is believed to lead, for one round of calls: submitted in order, then awaited in the same
 * order. Not for several threads.
 */
interface Route extends AutoCloseable {
    /** Hands over an operation; it will not overtake what was submitted before. */
    Attempt submit(long client, long sequence, long acknowledged, Command command);

    /** Hands over a call that needs no session. */
    Attempt submit(Call call);

    /** Sends what was submitted. */
    void flush();

    /** Ends the round. */
    @Override
    void close();
}
