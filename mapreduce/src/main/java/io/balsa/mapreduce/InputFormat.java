package io.balsa.mapreduce;

/** What one {@link InputRecord} is. Files that end in {@code .gz} are unpacked in every format and never split. */
public enum InputFormat {
    /** One line without its end ({@code \n}, or {@code \r\n}). Large files are split. */
    LINES,
    /**
     * A run of whole lines, each with its end, some hundred kilobytes or one long line: for mappers that find their own
     * way through bytes. Where one block ends and the next begins is not defined, only that it is between lines. Large
     * files are split.
     */
    BLOCKS,
    /** A whole file, as in the lab. It must fit into the task's memory. */
    WHOLE_FILES
}
