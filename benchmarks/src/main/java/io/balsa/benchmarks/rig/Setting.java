package io.balsa.benchmarks.rig;

import java.nio.file.Path;
import java.util.List;

/**
 * How the nodes of one group are set up; goes to node processes as their arguments.
 *
 * @param dir           on the disk to be measured
 * @param memory        on a file system in memory
 * @param forced        every commit forced to disk on a majority before its answer
 * @param shortTimeouts elections after 150 to 300 ms, or as near to that as the system allows; else its defaults
 */
record Setting(Path dir, Path memory, boolean forced, boolean shortTimeouts) {
    /** How many arguments it is. */
    static final int ARGUMENTS = 4;

    static Setting parse(List<String> arguments) {
        return new Setting(Path.of(arguments.get(0)), Path.of(arguments.get(1)),
            Boolean.parseBoolean(arguments.get(2)), Boolean.parseBoolean(arguments.get(3)));
    }

    List<String> arguments() {
        return List.of(dir.toString(), memory.toString(), String.valueOf(forced), String.valueOf(shortTimeouts));
    }

    Path home(int id) {
        return dir.resolve("node" + id);
    }

    /** Where the media driver of node {@code id} has its buffers. */
    Path memory(int id) {
        return memory.resolve("node" + id);
    }
}
