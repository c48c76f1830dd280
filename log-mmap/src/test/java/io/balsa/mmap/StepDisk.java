package io.balsa.mmap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A disk that numbers what is asked of it; a test may look in between, and choose one call that fails. */
final class StepDisk implements Disk {
    /** When the chosen call fails. */
    enum Failure {
        /** Before it did anything. */
        BEFORE,
        /** Although it did what it should, or, of a transfer, the first half. */
        AFTER
    }

    /** Looks before each call. */
    @FunctionalInterface
    interface Look {
        void before(String call);
    }

    private static final int NONE = -1;

    @FunctionalInterface
    private interface Call<T> {
        T run() throws IOException;
    }

    private final List<String> calls = new ArrayList<>();
    private Look look = call -> { };
    private int failing = NONE;
    private Failure failure = Failure.BEFORE;
    private int mostBytes = Integer.MAX_VALUE;

    /** What was asked so far, in order: each call's name and the file's. */
    List<String> calls() {
        return calls;
    }

    void look(Look each) {
        look = each;
    }

    /** The call of this number fails, counted from 0 and from now on. */
    void fail(int call, Failure how) {
        failing = calls.size() + call;
        failure = how;
    }

    void mend() {
        failing = NONE;
    }

    /** No read or write transfers more than this. */
    void transferAtMost(int bytes) {
        mostBytes = bytes;
    }

    private <T> T step(String name, Path file, Call<T> call) throws IOException {
        return step(name + " " + file.getFileName(), call, call);
    }

    private <T> T step(String name, Call<T> call, Call<T> half) throws IOException {
        look.before(name);
        final boolean fails = calls.size() == failing;
        calls.add(name);
        if (!fails) {
            return call.run();
        }
        if (failure == Failure.AFTER) {
            half.run();
        }
        throw new IOException("planted: input/output error in " + name);
    }

    @Override
    public void force(FileChannel channel, boolean metaData) throws IOException {
        step("force", () -> {
            REAL.force(channel, metaData);
            return null;
        }, () -> null);
    }

    @Override
    public void preallocate(Path file, long bytes) throws IOException {
        step("preallocate", file, () -> {
            REAL.preallocate(file, bytes);
            return null;
        });
    }

    @Override
    public FileChannel open(Path file, OpenOption... options) throws IOException {
        return step("open", file, () -> REAL.open(file, options));
    }

    @Override
    public int read(FileChannel channel, ByteBuffer target, long position) throws IOException {
        return transfer("read", target, limited -> REAL.read(channel, limited, position));
    }

    @Override
    public int write(FileChannel channel, ByteBuffer source, long position) throws IOException {
        return transfer("write", source, limited -> REAL.write(channel, limited, position));
    }

    @FunctionalInterface
    private interface Transfer {
        int run(ByteBuffer buffer) throws IOException;
    }

    private int transfer(String name, ByteBuffer buffer, Transfer transfer) throws IOException {
        return step(name, () -> limited(buffer, mostBytes, transfer),
            () -> limited(buffer, buffer.remaining() / 2, transfer));
    }

    private static int limited(ByteBuffer buffer, int most, Transfer transfer) throws IOException {
        final int limit = buffer.limit();
        buffer.limit(buffer.position() + Math.min(most, buffer.remaining()));
        try {
            return transfer.run(buffer);
        } finally {
            buffer.limit(limit);
        }
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        step("rename", to, () -> {
            REAL.rename(from, to);
            return null;
        });
    }

    @Override
    public boolean delete(Path file) throws IOException {
        return step("delete", file, () -> REAL.delete(file));
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        step("force directory", directory, () -> {
            REAL.forceDirectory(directory);
            return null;
        });
    }
}
