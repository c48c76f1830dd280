package io.balsa.mmap;

import io.balsa.raft.spi.RaftException;
import java.util.ArrayList;
import java.util.List;

/**
 * What the JVM must allow. Chronicle Queue without these flags falls back to reading only and says so in a log line
 * that is easily missed; a node must not start like that.
 */
final class JvmFlags {
    private JvmFlags() {
    }

    static void check() {
        final Module base = Object.class.getModule();
        final Module ours = JvmFlags.class.getModule();
        final List<String> missing = new ArrayList<>();
        if (!base.isExported("sun.nio.ch", ours)) {
            missing.add("--add-exports java.base/sun.nio.ch=ALL-UNNAMED");
        }
        if (!base.isOpen("java.lang.reflect", ours)) {
            missing.add("--add-opens java.base/java.lang.reflect=ALL-UNNAMED");
        }
        if (!base.isOpen("jdk.internal.misc", ours)) {
            missing.add("--add-opens java.base/jdk.internal.misc=ALL-UNNAMED");
        }
        if (!missing.isEmpty()) {
            throw new RaftException("the memory-mapped log needs JVM flags that are missing; start java with: "
                + String.join(" ", missing));
        }
    }
}
