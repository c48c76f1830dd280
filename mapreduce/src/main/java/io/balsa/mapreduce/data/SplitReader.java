package io.balsa.mapreduce.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

import io.balsa.mapreduce.InputFormat;
import io.balsa.mapreduce.InputRecord;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.task.Split;
import io.balsa.mapreduce.task.TaskControl;
import io.balsa.mapreduce.task.TaskException;

/**
 * Cuts a split into records, a little of it in memory at a time. A line belongs to the split in which it begins:
 * a reader passes over the line that began before its split, and reads the last one to its end, beyond its split.
 */
final class SplitReader {
    /** Small enough to stay in a processor's own cache from reading to counting. */
    private static final int CHUNK = 1 << 18;
    private static final int LEAST_CHUNK = 1 << 16;
    /** Bytes behind the last one read that exist, so that words near the end can be loaded eight bytes at a time. */
    private static final int SLACK = Long.BYTES;
    /** A split that nobody cuts ends with its file. */
    private static final long NO_END = Long.MAX_VALUE;

    private final Split split;
    private final InputFormat format;
    private final boolean whole;
    private final boolean packed;
    private final long memory;
    private final TaskControl control;
    private final InputRecord record = new InputRecord();
    private byte[] buffer;
    /** Where in the file the buffer begins. */
    private long position;
    private int filled;
    private boolean ended;

    /** Bytes of a task's memory that its reader may take; the rest is for pairs. */
    static long memoryOf(JobSpec spec) {
        return spec.format() == InputFormat.WHOLE_FILES ? spec.taskMemory() / 2 : spec.taskMemory() / 4;
    }

    SplitReader(Split split, JobSpec spec, TaskControl control) {
        this.split = split;
        this.control = control;
        format = spec.format();
        whole = Splits.isWhole(spec, split.file());
        packed = Splits.isPacked(split.file());
        memory = memoryOf(spec);
        buffer = new byte[Math.clamp(memory / 2, LEAST_CHUNK, CHUNK) + SLACK];
    }

    /** Gives all records to {@code consumer}; a last line without an end is one too. */
    void read(RecordConsumer consumer) throws IOException, TaskException {
        try (FileChannel file = FileChannel.open(Path.of(split.file()), StandardOpenOption.READ)) {
            // One byte earlier: if that ends a line, the next one is ours.
            position = whole ? 0 : Math.max(0, split.from() - 1);
            file.position(position);
            try (InputStream in = open(file)) {
                if (format == InputFormat.WHOLE_FILES) {
                    readWhole(in, consumer);
                } else {
                    readLines(in, consumer);
                }
            }
        }
    }

    private InputStream open(FileChannel file) throws IOException {
        final InputStream in = Channels.newInputStream(file);
        if (!packed) {
            return in;
        }
        try {
            return new GZIPInputStream(in, LEAST_CHUNK);
        } catch (final IOException e) {
            throw unreadable(e);
        }
    }

    private IOException unreadable(IOException e) {
        return new IOException("input " + split.file() + " cannot be read: " + Reason.of(e), e);
    }

    private void readWhole(InputStream in, RecordConsumer consumer) throws IOException, TaskException {
        do {
            fill(in);
            if (!ended) {
                grow("file " + split.file());
            }
        } while (!ended);
        consumer.accept(record.wrap(split.file(), 0, buffer, 0, filled));
        consumer.buffersChange();
    }

    private void readLines(InputStream in, RecordConsumer consumer) throws IOException, TaskException {
        final long to = whole ? NO_END : split.to();
        int start = 0;
        boolean skipping = position < split.from();
        while (true) {
            fill(in);
            if (skipping) {
                final int newline = Newlines.first(buffer, 0, filled);
                if (newline < 0 && !ended) {
                    position += filled;
                    filled = 0;
                    continue;
                }
                start = newline < 0 ? filled : newline + 1;
                skipping = false;
            }
            if (position + start >= to) {
                return;
            }
            final int end = endOfLines(start, to);
            if (end > start) {
                emit(start, end, consumer);
            }
            if (ended && end == filled || position + end >= to) {
                return;
            }
            consumer.buffersChange();
            System.arraycopy(buffer, end, buffer, 0, filled - end);
            position += end;
            filled -= end;
            start = 0;
            if (filled == buffer.length - SLACK) {
                grow("the line at " + split.file() + ":" + position);
            }
        }
    }

    /** Where the last line that is in the buffer as a whole, and begins before {@code to}, ends; 0 if there is none. */
    private int endOfLines(int start, long to) {
        if (to - position <= filled) {
            final int newline = Newlines.first(buffer, Math.max(start, (int) (to - position) - 1), filled);
            if (newline >= 0) {
                return newline + 1;
            }
            if (ended) {
                return filled;
            }
        } else if (ended) {
            return filled;
        }
        return Math.max(start, Newlines.last(buffer, start, filled) + 1);
    }

    private void emit(int start, int end, RecordConsumer consumer) throws TaskException {
        if (format == InputFormat.BLOCKS) {
            consumer.accept(record.wrap(split.file(), position + start, buffer, start, end - start));
            return;
        }
        int line = start;
        while (line < end) {
            final int newline = Newlines.first(buffer, line, end);
            final int lineEnd = newline < 0 ? end : newline;
            final boolean carriageReturn = newline > line && buffer[lineEnd - 1] == '\r';
            consumer.accept(record.wrap(split.file(), position + line, buffer, line,
                lineEnd - line - (carriageReturn ? 1 : 0)));
            line = lineEnd + 1;
        }
    }

    private void fill(InputStream in) throws IOException {
        while (!ended && filled < buffer.length - SLACK) {
            final int count = read(in);
            if (count < 0) {
                ended = true;
            } else {
                filled += count;
            }
        }
    }

    private int read(InputStream in) throws IOException {
        final int room = buffer.length - SLACK - filled;
        try {
            // Unpacking is work and no waiting.
            return packed ? in.read(buffer, filled, room) : control.blocking(() -> in.read(buffer, filled, room));
        } catch (final IOException e) {
            throw unreadable(e);
        } catch (final RuntimeException e) {
            throw e;
        } catch (final Exception e) {
            throw new IOException("reading was interrupted: " + e, e);
        }
    }

    private void grow(String what) throws IOException {
        final long capacity = Math.min(2L * buffer.length, memory);
        if (capacity <= buffer.length) {
            throw new IOException(what + " is longer than the " + (buffer.length - SLACK)
                + " bytes that a task has for it; give tasks more memory");
        }
        buffer = Arrays.copyOf(buffer, (int) capacity);
    }
}
