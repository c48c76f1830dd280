package io.balsa.mmap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.agrona.IoUtil;

/**
 * The segment that is being written, as the log thread forces it: from where the last force ended to the last record.
 *
 * <p>Only what recovery reads is forced. With each document Chronicle Queue notes at the head of the file how far it
 * has come; a force of the whole file would write that page along with the record's, each time, and the next document
 * would fault on it again. Nobody relies on it: every record tells its own place and sum.
 */
final class ActiveSegment implements AutoCloseable {
    private final Disk disk;
    private FileChannel channel;
    private MappedByteBuffer mapped;
    private int forcedTo;

    ActiveSegment(Disk disk) {
        this.disk = disk;
    }

    /** Goes over to another segment, of which everything is forced, the library's header and the file's size too. */
    void begin(Path file, int segmentBytes, int end) throws IOException {
        close();
        channel = disk.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        mapped = disk.map(channel, segmentBytes);
        disk.force(channel, true);
        forcedTo = end;
    }

    /** Writes bytes to a place in the file, which its mappings show at once. */
    void write(ByteBuffer bytes, int position) throws IOException {
        int at = position;
        while (bytes.hasRemaining()) {
            at += disk.write(channel, bytes, at);
        }
    }

    /** Makes everything up to {@code end} durable, where the last record ends. */
    void force(int end) throws IOException {
        disk.forcePart(channel, mapped, forcedTo, end);
        forcedTo = end;
    }

    @Override
    public void close() throws IOException {
        IoUtil.unmap(mapped);
        mapped = null;
        if (channel != null) {
            channel.close();
            channel = null;
        }
    }
}
