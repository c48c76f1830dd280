package io.balsa.benchmarks.rig;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.HdrHistogram.Histogram;

/** What the disk and the wire take by themselves: nothing that is durable on a majority can be quicker. */
final class Floors {
    private static final int FILE_BYTES = 64 << 20;
    private static final int PAGE = 4096;
    private static final long LONGEST_NS = TimeUnit.MINUTES.toNanos(1);

    private Floors() {
    }

    /** {@code length} bytes and {@code force(false)}, by three threads on a file each: three nodes on one disk. */
    static Histogram files(Path dir, int length, long warmNs, long measureNs)
        throws IOException, InterruptedException, ExecutionException {
        final List<FileChannel> files = new ArrayList<>();
        for (int id = 0; id < Subject.NODES; id++) {
            files.add(zeroed(dir.resolve("floor" + id)));
        }
        final Histogram all = new Histogram(LONGEST_NS, 3);
        try (ExecutorService threads = Executors.newFixedThreadPool(Subject.NODES)) {
            final List<Future<Histogram>> each = new ArrayList<>();
            for (FileChannel file : files) {
                each.add(threads.submit(() -> appends(file, length, warmNs, measureNs)));
            }
            for (Future<Histogram> one : each) {
                all.add(one.get());
            }
        }
        for (FileChannel file : files) {
            file.close();
        }
        return all;
    }

    /** Written page by page: the page cache then holds it in small pieces, and a force writes only what was touched. */
    private static FileChannel zeroed(Path path) throws IOException {
        final FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        final ByteBuffer page = ByteBuffer.allocateDirect(PAGE);
        for (long at = 0; at < FILE_BYTES; at += PAGE) {
            file.write(page.clear(), at);
        }
        file.force(true);
        return file;
    }

    private static Histogram appends(FileChannel file, int length, long warmNs, long measureNs) throws IOException {
        final Histogram latencies = new Histogram(LONGEST_NS, 3);
        final ByteBuffer data = ByteBuffer.allocateDirect(length);
        final long fromNs = System.nanoTime() + warmNs;
        final long toNs = fromNs + measureNs;
        long position = 0;
        for (long now = System.nanoTime(); now - toNs < 0;) {
            file.write(data.clear(), position);
            file.force(false);
            position = (position + length) % (FILE_BYTES - length);
            final long end = System.nanoTime();
            if (end - fromNs >= 0) {
                latencies.recordValue(end - now);
            }
            now = end;
        }
        return latencies;
    }

    /** {@code length} bytes there and back between two sockets that one spinning thread serves. */
    static Histogram udp(int length, long warmNs, long measureNs) throws IOException {
        final Histogram latencies = new Histogram(LONGEST_NS, 3);
        try (DatagramChannel here = bound(); DatagramChannel there = bound()) {
            here.connect(there.getLocalAddress());
            there.connect(here.getLocalAddress());
            final ByteBuffer data = ByteBuffer.allocateDirect(length);
            final long fromNs = System.nanoTime() + warmNs;
            final long toNs = fromNs + measureNs;
            for (long now = System.nanoTime(); now - toNs < 0;) {
                carry(here, there, data);
                carry(there, here, data);
                final long end = System.nanoTime();
                if (end - fromNs >= 0) {
                    latencies.recordValue(end - now);
                }
                now = end;
            }
        }
        return latencies;
    }

    private static DatagramChannel bound() throws IOException {
        final DatagramChannel channel = DatagramChannel.open();
        channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        channel.configureBlocking(false);
        return channel;
    }

    private static void carry(DatagramChannel from, DatagramChannel to, ByteBuffer data) throws IOException {
        from.write(data.clear());
        while (to.read(data.clear()) <= 0) {
            Thread.onSpinWait();
        }
    }
}
