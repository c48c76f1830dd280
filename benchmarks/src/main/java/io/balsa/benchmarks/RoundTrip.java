package io.balsa.benchmarks;

import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.balsa.aeron.AeronConfig;
import io.balsa.aeron.AeronTransport;
import io.balsa.aeron.Endpoint;
import io.balsa.raft.spi.Transport;
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

/** One frame to a peer and back, both ends driven by one spinning thread: no waking up, only the transport. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class RoundTrip {
    private static final Map<Integer, Endpoint> MEMBERS =
        Map.of(0, Endpoint.parse("127.0.0.1:19100"), 1, Endpoint.parse("127.0.0.1:19110"));

    /** Frame length. */
    @Param({"64", "1024"})
    public int bytes;

    private Scratch scratch;
    private Transport here;
    private Transport there;
    private UnsafeBuffer frame;
    private int received;

    @Setup
    public void open() {
        scratch = new Scratch();
        here = AeronTransport.open(AeronConfig.of(1, 0, MEMBERS, scratch.resolve("0")));
        there = AeronTransport.open(AeronConfig.of(1, 1, MEMBERS, scratch.resolve("1")));
        frame = new UnsafeBuffer(new byte[bytes]);
    }

    @TearDown
    public void close() {
        here.close();
        there.close();
        scratch.close();
    }

    @Benchmark
    public void thereAndBack() {
        carry(here, 1, there);
        carry(there, 0, here);
    }

    private void carry(Transport from, int to, Transport receiver) {
        while (from.offer(to, Transport.CONTROL, frame, 0, bytes) != Transport.ACCEPTED) {
            from.doWork();
            receiver.doWork();
        }
        received = 0;
        while (received == 0) {
            from.doWork();
            receiver.doWork();
            receiver.poll((buffer, offset, length) -> received++, 1);
        }
    }
}
