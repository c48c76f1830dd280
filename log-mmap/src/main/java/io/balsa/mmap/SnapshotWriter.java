package io.balsa.mmap;

import io.balsa.mmap.SnapshotFormat.Digest;
import io.balsa.mmap.SnapshotFormat.Footer;
import io.balsa.mmap.SnapshotFormat.Header;
import io.balsa.mmap.SnapshotFormat.Summary;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/** Takes a state as a stream of bytes and writes it as {@link SnapshotFormat} draws it. */
final class SnapshotWriter extends OutputStream {
    private final Header header;
    private final PacedFile file;
    private final Digest digest = new Digest();
    private final ByteBuffer chunk = SnapshotFormat.buffer(
        SnapshotFormat.CHUNK_HEADER + SnapshotFormat.CHUNK_BYTES).position(SnapshotFormat.CHUNK_HEADER);
    private long chunks;
    private long stateBytes;
    private boolean finished;
    private IOException failure;

    SnapshotWriter(Header header, PacedFile file) throws IOException {
        this.header = header;
        this.file = file;
        final ByteBuffer bytes = header.encode();
        digest.header(bytes);
        file.write(bytes);
    }

    @Override
    public void write(int oneByte) throws IOException {
        requireOpen();
        chunk.put((byte) oneByte);
        writeFullChunk();
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, source.length);
        requireOpen();
        int from = offset;
        int left = length;
        while (left > 0) {
            final int taken = Math.min(left, chunk.remaining());
            chunk.put(source, from, taken);
            from += taken;
            left -= taken;
            writeFullChunk();
        }
    }

    /** Says again that the disk failed: whoever writes a state may have made something else of it, or nothing. */
    void checkDisk() throws IOException {
        if (failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
    }

    private void requireOpen() throws IOException {
        checkDisk();
        if (finished) {
            throw new IOException("the snapshot of entry " + header.index() + " is finished; nothing can be added");
        }
    }

    private void writeFullChunk() throws IOException {
        if (!chunk.hasRemaining()) {
            writeChunk();
        }
    }

    private void writeChunk() throws IOException {
        chunk.flip().position(SnapshotFormat.CHUNK_HEADER);
        final int length = chunk.remaining();
        chunk.putInt(0, length).putInt(Integer.BYTES, digest.chunk(chunk)).position(0);
        try {
            file.write(chunk);
        } catch (IOException e) {
            failure = e;
            throw e;
        }
        chunks++;
        stateBytes += length;
        chunk.clear().position(SnapshotFormat.CHUNK_HEADER);
    }

    /** Writes and forces what is left, with the footer. */
    Summary finish() throws IOException {
        requireOpen();
        finished = true;
        if (chunk.position() > SnapshotFormat.CHUNK_HEADER) {
            writeChunk();
        }
        final Footer footer = new Footer(chunks, stateBytes, digest.contentHash());
        file.write(footer.encode(digest.headerCrc()));
        file.force();
        return new Summary(header, footer);
    }
}
