package io.balsa.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;

/**
 * The floor under a durable commit: bytes written to a plain file, allocated beforehand, and {@code force(false)}; by
 * one thread, and by three on three files at once, as three nodes on one disk do.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class FileFloor {
    private static final int FILE_BYTES = 64 << 20;
    private static final int PAGE = 4096;

    /** Bytes written before each force. */
    @Param({"64", "1024"})
    public int bytes;

    private Scratch scratch;
    private FileChannel file;
    private ByteBuffer data;
    private long position;

    @Setup
    public void open() throws IOException {
        scratch = new Scratch();
        file = FileChannel.open(scratch.resolve("floor"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        for (long at = 0; at < FILE_BYTES; at += PAGE) {
            file.write(ByteBuffer.allocate(PAGE), at);
        }
        file.force(true);
        data = ByteBuffer.allocateDirect(bytes);
    }

    @TearDown
    public void close() throws IOException {
        file.close();
        scratch.close();
    }

    @Benchmark
    @Threads(1)
    public void writeAndForce() throws IOException {
        writeOnce();
    }

    @Benchmark
    @Threads(3)
    public void writeAndForceByThree() throws IOException {
        writeOnce();
    }

    private void writeOnce() throws IOException {
        data.clear();
        file.write(data, position);
        file.force(false);
        position = (position + bytes) % (FILE_BYTES - bytes);
    }
}
