package io.balsa.mapreduce;

/**
 * Where a reducer puts its lines, in the order in which it puts them. Lines are UTF-8 and end with {@code \n}; lines
 * are not escaped, so what must not be mistaken for a separator is for the reducer to avoid.
 */
public interface ReduceOutput extends TaskContext {
    /** Writes {@code key value\n} to the task's output, both as {@link String#valueOf(Object)} has them. */
    void line(Object key, Object value);

    /** Writes {@code text\n} to the task's output. */
    void text(String text);

    /** Writes bytes to the task's output as they are. */
    void raw(byte[] bytes, int offset, int length);

    /** Writes the number in decimal digits to the task's output. */
    void number(long value);

    /**
     * Returns a further output: the file {@code <name>-out-<r>} beside {@code mr-out-<r>}, published with it.
     *
     * @param name letters, digits, {@code _} and {@code -}, and not {@code mr}
     */
    ReduceOutput named(String name);
}
