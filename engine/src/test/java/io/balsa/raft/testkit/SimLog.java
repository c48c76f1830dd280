package io.balsa.raft.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.StorageException;
import io.balsa.raft.testkit.checks.Violation;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One process's open log over a {@link SimDisk}. Operations wait in memory; a force takes all that wait, needs virtual
 * time, and only then reaches the disk, in order. What was not forced when the process dies is gone, up to a torn rest.
 */
public final class SimLog implements RaftLog {
    private sealed interface Operation {
        void applyTo(LogImage image);

        /** Whether the entry is still there after it. */
        default boolean keeps(LogEntry entry) {
            return true;
        }
    }

    private record Append(LogEntry entry) implements Operation {
        @Override
        public void applyTo(LogImage image) {
            image.append(entry);
        }
    }

    private record Truncate(long fromIndex) implements Operation {
        @Override
        public void applyTo(LogImage image) {
            image.truncateFrom(fromIndex);
        }

        @Override
        public boolean keeps(LogEntry entry) {
            return entry.index() < fromIndex;
        }
    }

    private record Compact(long firstIndex) implements Operation {
        @Override
        public void applyTo(LogImage image) {
            image.compactTo(firstIndex);
        }
    }

    private record Reset(LogEntry base) implements Operation {
        @Override
        public void applyTo(LogImage image) {
            image.resetTo(base);
        }

        /** The snapshot stands for what leads to the base, and for nothing else. */
        @Override
        public boolean keeps(LogEntry entry) {
            LogEntry own = base;
            while (own != null && own.index() > entry.index()) {
                own = own.previous();
            }
            return own != null && own.chain() == entry.chain();
        }
    }

    private static final int MARGIN = 24;
    /** What an entry takes beside its command, for the bytes that are kept when the log is compacted. */
    private static final int ENTRY_OVERHEAD = 32;

    private final SimDisk disk;
    private final Schedule schedule;
    private final RandomGenerator random;
    private final KillSwitch killSwitch;
    private final Runnable wake;
    private final LogImage memory;
    private final LogImage recovered;
    private final List<Operation> pending = new ArrayList<>();
    private final List<Operation> beingForced = new ArrayList<>();
    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[4096]);
    private int unforcedTruncations;
    private long pendingBytes;
    private long roomGranted;
    private boolean forcing;
    private LogEntry report;
    private boolean appended;
    private String failure;
    private boolean closed;

    SimLog(SimDisk disk, Schedule schedule, RandomGenerator random, KillSwitch killSwitch, Runnable wake) {
        this.disk = disk;
        this.schedule = schedule;
        this.random = random;
        this.killSwitch = killSwitch;
        this.wake = wake;
        this.memory = disk.image().copy();
        this.recovered = disk.image().copy();
    }

    /** The log as the node sees it, durable or not. */
    public LogImage memory() {
        return memory;
    }

    @Override
    public long firstIndex() {
        return memory.firstIndex();
    }

    @Override
    public long baseTerm() {
        return firstIndex() == 1 ? 0 : memory.get(firstIndex() - 1).term();
    }

    @Override
    public long lastIndex() {
        return memory.lastIndex();
    }

    @Override
    public void recoveredTerms(TermRunConsumer consumer) {
        long first = recovered.firstIndex();
        for (long index = first; index <= recovered.lastIndex(); index++) {
            final LogEntry next = recovered.get(index + 1);
            if (next == null || next.term() != recovered.get(index).term()) {
                consumer.onRun(recovered.get(index).term(), first, index);
                first = index + 1;
            }
        }
    }

    @Override
    public int maxCommandLength() {
        return disk.maxCommandLength();
    }

    @Override
    public Room roomFor(int bytes) {
        requireOpen();
        if (disk.isFull()) {
            return Room.DISK_FULL;
        }
        if (pendingBytes + bytes > disk.pendingLimit() || (bytes > 0 && random.nextDouble() < disk.faults().busy())) {
            return Room.BUSY;
        }
        roomGranted = Math.max(roomGranted, pendingBytes + bytes);
        return Room.YES;
    }

    @Override
    public long append(long term, byte kind, DirectBuffer command, int offset, int length) {
        requireOpen();
        killSwitch.onCall();
        if (random.nextDouble() < disk.faults().failedForce() / 4 && killSwitch.mayFire()) {
            failForce(); // on the log's own thread, just before this call
        }
        requireSound();
        if (length > disk.maxCommandLength()) {
            throw new IllegalArgumentException("command of " + length + " bytes, at most " + disk.maxCommandLength());
        }
        if (term < 1 || (kind != NO_OP && kind != COMMAND)
            || (memory.last() != null && term < memory.last().term())) {
            throw new Violation("append of term " + term + ", kind " + kind + " after " + memory.last());
        }
        if (kind == COMMAND && pendingBytes + length > Math.max(roomGranted, disk.pendingLimit())) {
            throw new Violation("append of " + length + " bytes where there is no room");
        }
        final byte[] bytes = new byte[length];
        command.getBytes(offset, bytes);
        final LogEntry entry = new LogEntry(memory.last(), term, kind, bytes, Mix.bytes(command, offset, length));
        memory.append(entry);
        disk.observer().onAppend(disk.nodeId(), entry);
        pendingBytes += length;
        appended = true;
        enqueue(new Append(entry));
        return entry.index();
    }

    @Override
    public void truncateFrom(long index) {
        requireOpen();
        killSwitch.onCall();
        requireSound();
        if (index < firstIndex() || index > memory.lastIndex() + 1) {
            throw new Violation("truncateFrom(" + index + ") of a log that holds " + firstIndex() + ".."
                + memory.lastIndex());
        }
        disk.observer().onTruncate(disk.nodeId(), memory, index);
        memory.truncateFrom(index);
        unforcedTruncations++;
        enqueue(new Truncate(index));
    }

    @Override
    public boolean compact(long index, long keepBytes) {
        requireOpen();
        killSwitch.onCall();
        requireSound();
        if (index < firstIndex()) {
            return true;
        }
        if (index > memory.lastIndex() || !durablyHolds(memory.get(index))) {
            throw new Violation("compact(" + index + ") of n" + disk.nodeId() + "'s log, where it is not durable");
        }
        if (!disk.standsFor(index, memory)) {
            throw new Violation("compact(" + index + ") of n" + disk.nodeId() + "'s log: no snapshot stands for it");
        }
        long first = index + 1;
        long kept = 0;
        while (first > firstIndex() && kept + size(first - 1) <= keepBytes) {
            kept += size(--first);
        }
        if (first > firstIndex()) {
            enqueue(new Compact(first));
        }
        return true;
    }

    private long size(long index) {
        return ENTRY_OVERHEAD + memory.get(index).command().length;
    }

    @Override
    public void reset(long index, long term) {
        requireOpen();
        killSwitch.onCall();
        requireSound();
        final LogEntry base = disk.entry(index, term);
        if (memory.holds(base) && memory.firstIndex() <= index + 1) {
            throw new Violation("reset(" + index + ") of n" + disk.nodeId() + "'s log, which leads there");
        }
        memory.resetTo(base);
        if (!disk.standsFor(index, memory)) {
            throw new Violation("reset(" + index + ") of n" + disk.nodeId() + "'s log, and no snapshot stands for it");
        }
        unforcedTruncations++;
        enqueue(new Reset(base));
    }

    private void enqueue(Operation operation) {
        pending.add(operation);
        if (!forcing && failure == null) {
            forcing = true;
            // the log's thread takes a moment to notice, and takes what has gathered by then
            schedule.after(1 + random.nextInt(20_000), this::beginForce);
        }
    }

    private void beginForce() {
        // what one duty cycle appends need not be forced together: the log's thread takes what is there when it looks
        final int taken = random.nextBoolean() ? pending.size() : 1 + random.nextInt(pending.size());
        beingForced.addAll(pending.subList(0, taken));
        pending.subList(0, taken).clear();
        schedule.after(disk.drawLogForceTime(), this::endForce);
    }

    private void endForce() {
        if (closed || failure != null || killSwitch.fired()) {
            return;
        }
        if (random.nextDouble() < disk.faults().failedForce() && killSwitch.mayFire()) {
            failForce();
            return;
        }
        for (final Operation operation : beingForced) {
            operation.applyTo(disk.image());
            switch (operation) {
                case Append append -> {
                    report = append.entry;
                    pendingBytes -= append.entry.command().length;
                    roomGranted -= append.entry.command().length;
                }
                case Truncate truncate -> unforcedTruncations--;
                case Compact compact -> compact.applyTo(memory);
                case Reset reset -> {
                    unforcedTruncations--;
                    report = null; // an entry of the same index and term may be appended behind it
                }
            }
        }
        beingForced.clear();
        forcing = !pending.isEmpty();
        if (forcing) {
            beginForce();
        }
        disk.observer().onForced(disk.nodeId(), disk.image().last());
        wake.run();
    }

    private void failForce() {
        failure = "force of n" + disk.nodeId() + "'s log failed; replace the disk and restart";
        wake.run();
    }

    @Override
    public long read(long firstIndex, long lastIndex, EntryConsumer consumer) {
        requireOpen();
        if (firstIndex < firstIndex() || lastIndex > memory.lastIndex()) {
            throw new Violation("read(" + firstIndex + ", " + lastIndex + ") of a log that holds " + firstIndex()
                + ".." + memory.lastIndex());
        }
        for (long index = firstIndex; index <= lastIndex; index++) {
            final LogEntry entry = memory.get(index);
            final int length = entry.command().length;
            if (scratch.capacity() < length + MARGIN) {
                scratch.wrap(new byte[2 * length + MARGIN]);
            }
            scratch.putBytes(MARGIN, entry.command());
            final boolean taken = consumer.onEntry(index, entry.term(), entry.kind(), scratch, MARGIN, length);
            // whoever keeps the buffer beyond the call shall notice
            scratch.setMemory(MARGIN, Math.min(length, 64), (byte) 0x5A);
            if (!taken) {
                return index - 1;
            }
        }
        return Math.max(lastIndex, firstIndex - 1);
    }

    @Override
    public int pollPersisted(PersistedConsumer consumer) {
        requireOpen();
        requireSound();
        if (disk.countsInMemory()) {
            return pollAppended(consumer);
        }
        if (report == null || unforcedTruncations > 0) {
            return 0;
        }
        final LogEntry newest = report;
        report = null;
        consumer.onPersisted(newest.index(), newest.term());
        return 1;
    }

    private int pollAppended(PersistedConsumer consumer) {
        if (!appended || memory.last() == null) {
            return 0;
        }
        appended = false;
        consumer.onPersisted(memory.lastIndex(), memory.last().term());
        return 1;
    }

    @Override
    public long forcedIndex() {
        long index = Math.min(memory.lastIndex(), disk.image().lastIndex());
        while (index >= firstIndex() && !durablyHolds(memory.get(index))) {
            index--;
        }
        return Math.max(index, firstIndex() - 1);
    }

    /** Whether the entry is on the disk and nothing under way can take it away again. */
    boolean durablyHolds(LogEntry entry) {
        return disk.image().holds(entry)
            && (unforcedTruncations == 0 || (keeps(beingForced, entry) && keeps(pending, entry)));
    }

    private static boolean keeps(List<Operation> operations, LogEntry entry) {
        for (final Operation operation : operations) {
            if (!operation.keeps(entry)) {
                return false;
            }
        }
        return true;
    }

    boolean hasFailed() {
        return failure != null;
    }

    /** The process is gone: what was not forced is lost, but for a prefix that had reached the disk. */
    void crash(int survivors) {
        disk.endsUncleanly(memory);
        end(survivors);
    }

    private void end(int survivors) {
        closed = true;
        int left = survivors;
        for (final List<Operation> operations : List.of(beingForced, pending)) {
            for (final Operation operation : operations) {
                if (left-- > 0) {
                    operation.applyTo(disk.image());
                }
            }
        }
    }

    int unforced() {
        return beingForced.size() + pending.size();
    }

    @Override
    public void close() {
        if (closed || killSwitch.fired()) {
            return;
        }
        if (failure == null) {
            end(Integer.MAX_VALUE);
        } else {
            crash(0);
        }
    }

    private void requireSound() {
        if (failure != null) {
            throw new StorageException(failure);
        }
    }

    private void requireOpen() {
        if (closed && !killSwitch.fired()) {
            throw new Violation("n" + disk.nodeId() + " uses its log after closing it");
        }
    }
}
