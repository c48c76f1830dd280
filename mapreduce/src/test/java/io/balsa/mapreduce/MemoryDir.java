package io.balsa.mapreduce;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import io.balsa.aeron.AeronConfig;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * A folder in memory where there is room: for tests about processes, which must not wait for a disk that others keep
 * busy. Every command of a job is forced, and of a job by the lab's rules no task may take ten seconds.
 */
public final class MemoryDir implements TempDirFactory {
    private static final long ENOUGH = 2L << 30;

    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext test) throws IOException {
        final Path memory = AeronConfig.defaultDirectoryBase();
        return Files.getFileStore(memory).getUsableSpace() >= ENOUGH ? Files.createTempDirectory(memory, "junit-")
            : Files.createTempDirectory("junit-");
    }
}
