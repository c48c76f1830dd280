package io.balsa.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
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

/** The floor under a round trip: a datagram on loopback and back, both ends driven by one spinning thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class UdpFloor {
    /** Datagram length. */
    @Param({"64", "1024"})
    public int bytes;

    private DatagramChannel here;
    private DatagramChannel there;
    private ByteBuffer data;

    @Setup
    public void open() throws IOException {
        here = bound();
        there = bound();
        here.connect(there.getLocalAddress());
        there.connect(here.getLocalAddress());
        data = ByteBuffer.allocateDirect(bytes);
    }

    private static DatagramChannel bound() throws IOException {
        final DatagramChannel channel = DatagramChannel.open();
        channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        channel.configureBlocking(false);
        return channel;
    }

    @TearDown
    public void close() throws IOException {
        here.close();
        there.close();
    }

    @Benchmark
    public void thereAndBack() throws IOException {
        carry(here, there);
        carry(there, here);
    }

    private void carry(DatagramChannel from, DatagramChannel to) throws IOException {
        data.clear();
        from.write(data);
        do {
            data.clear();
        } while (to.read(data) <= 0);
    }
}
