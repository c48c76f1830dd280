package io.balsa.benchmarks;

import java.util.concurrent.TimeUnit;

import io.balsa.mmap.MmapConfig;
import io.balsa.mmap.MmapStorage;
import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.Storage;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One entry appended to a node's log and forced, seen from the loop thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class LogAppend {
    /** Command length. */
    @Param({"64", "1024"})
    public int bytes;

    private Scratch scratch;
    private Storage storage;
    private RaftLog log;
    private UnsafeBuffer command;
    private long persisted;

    @Setup
    public void open() {
        scratch = new Scratch();
        MmapStorage.format(scratch.resolve("node"), new Storage.Identity(1, 0, 1, true));
        storage = MmapStorage.open(scratch.resolve("node"), MmapConfig.defaults());
        log = storage.log();
        command = new UnsafeBuffer(new byte[bytes]);
    }

    @TearDown
    public void close() {
        storage.close();
        scratch.close();
    }

    @Benchmark
    public long appendAndForce() {
        final long index = log.append(1, RaftLog.COMMAND, command, 0, bytes);
        while (persisted < index) {
            if (log.pollPersisted((durable, term) -> persisted = durable) == 0) {
                Thread.yield();
            }
        }
        return index;
    }
}
