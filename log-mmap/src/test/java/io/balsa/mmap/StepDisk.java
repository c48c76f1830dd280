package io.balsa.mmap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A disk that numbers what is asked of it, by whichever thread; a test may look in between, and choose one call that
 * fails.
 */
final class StepDisk implements Disk {
    /** When the chosen call fails. */
    enum Failure {
        /** Before it did anything. */
        BEFORE,
        /** Although it did what it should, or, of a transfer, the first half. */
        AFTER,
        /** For lack of space, having made use of what there was: a transfer did the first half. */
        FULL
    }

    /** The call that failed, its number counted from the first of all, and who asked. */
    record Failed(String call, int number, Thread thread) {
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

    private final Disk base;
    private final List<String> calls = new ArrayList<>();
    private final Map<FileChannel, Path> open = new ConcurrentHashMap<>();
    private volatile Look look = call -> { };
    private Optional<Failed> failed = Optional.empty();
    private int failing = NONE;
    private String failingCall = "";
    private int callsToGo;
    private Failure failure = Failure.BEFORE;
    private int mostBytes = Integer.MAX_VALUE;

    StepDisk() {
        this(REAL);
    }

    /** @param base does what is asked */
    StepDisk(Disk base) {
        this.base = base;
    }

    /** What was asked so far, in order: each call's name and the file's. */
    synchronized List<String> calls() {
        return List.copyOf(calls);
    }

    /** The call that was chosen, once it was made. */
    synchronized Optional<Failed> failed() {
        return failed;
    }

    void look(Look each) {
        look = each;
    }

    /** The call of this number fails, counted from 0 and from now on. */
    synchronized void fail(int call, Failure how) {
        failing = calls.size() + call;
        failure = how;
    }

    /** The next call of this name fails before it does anything. */
    synchronized void failNext(String call) {
        failLater(call, 0, Failure.BEFORE);
    }

    /** Of the calls of this name a later one fails, after so many that do not. */
    synchronized void failLater(String call, int after, Failure how) {
        failingCall = call;
        callsToGo = after;
        failure = how;
    }

    synchronized void mend() {
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
        final Optional<Failure> fails = count(name);
        if (fails.isEmpty()) {
            return call.run();
        }
        switch (fails.get()) {
            case BEFORE -> {
                // nothing was done
            }
            case AFTER -> half.run();
            case FULL -> {
                if (name.startsWith("write")) {
                    half.run();
                }
                throw new IOException("planted: no space left on device in " + name);
            }
        }
        throw new IOException("planted: input/output error in " + name);
    }

    private synchronized Optional<Failure> count(String name) {
        final int number = calls.size();
        calls.add(name);
        if (number != failing && !(name.equals(failingCall) && callsToGo-- == 0)) {
            return Optional.empty();
        }
        failingCall = "";
        failed = Optional.of(new Failed(name, number, Thread.currentThread()));
        return Optional.of(failure);
    }

    private String named(String call, FileChannel channel) {
        return call + " " + open.get(channel).getFileName();
    }

    @Override
    public void force(FileChannel channel, boolean metaData) throws IOException {
        step(named("force", channel), () -> {
            base.force(channel, metaData);
            return null;
        }, () -> null);
    }

    @Override
    public MappedByteBuffer map(FileChannel channel, long bytes) throws IOException {
        return step(named("map", channel), () -> base.map(channel, bytes), () -> null);
    }

    @Override
    public void forcePart(FileChannel channel, MappedByteBuffer mapped, int from, int to) throws IOException {
        step(named("force", channel), () -> {
            base.forcePart(channel, mapped, from, to);
            return null;
        }, () -> null);
    }

    @Override
    public void preallocate(Path file, long bytes) throws IOException {
        step("preallocate", file, () -> {
            base.preallocate(file, bytes);
            return null;
        });
    }

    @Override
    public FileChannel open(Path file, OpenOption... options) throws IOException {
        return step("open " + file.getFileName(), () -> {
            final FileChannel channel = base.open(file, options);
            open.put(channel, file);
            return channel;
        }, () -> {
            base.open(file, options).close();
            return null;
        });
    }

    @Override
    public int read(FileChannel channel, ByteBuffer target, long position) throws IOException {
        return transfer(named("read", channel), target, limited -> base.read(channel, limited, position));
    }

    @Override
    public int write(FileChannel channel, ByteBuffer source, long position) throws IOException {
        return transfer(named("write", channel), source, limited -> base.write(channel, limited, position));
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
    public void truncate(FileChannel channel, long length) throws IOException {
        step(named("truncate", channel), () -> {
            base.truncate(channel, length);
            return null;
        }, () -> null);
    }

    @Override
    public void giveBack(Path file, long from, long to) throws IOException {
        step("give back", file, () -> {
            base.giveBack(file, from, to);
            return null;
        });
    }

    @Override
    public void createDirectory(Path directory) throws IOException {
        step("create directory", directory, () -> {
            base.createDirectory(directory);
            return null;
        });
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        step("create directories", directory, () -> {
            base.createDirectories(directory);
            return null;
        });
    }

    @Override
    public List<Path> list(Path directory, String glob) throws IOException {
        return step("list", directory, () -> base.list(directory, glob));
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        step("rename", to, () -> {
            base.rename(from, to);
            return null;
        });
    }

    @Override
    public boolean delete(Path file) throws IOException {
        return step("delete", file, () -> base.delete(file));
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        step("force directory", directory, () -> {
            base.forceDirectory(directory);
            return null;
        });
    }
}
