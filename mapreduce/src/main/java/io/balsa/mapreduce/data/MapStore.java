package io.balsa.mapreduce.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import io.balsa.mapreduce.Combiner;
import io.balsa.mapreduce.JobCode;
import io.balsa.mapreduce.LongCombiner;
import io.balsa.mapreduce.task.MapTask;
import io.balsa.mapreduce.task.RunRef;

/**
 * What a map task has emitted, in memory as long as it fits and in sorted files when it does not. Keys are combined in
 * a table as long as that pays; where most keys are new, sorting costs less than half as much.
 */
final class MapStore implements PairStore, AutoCloseable {
    /**
     * How many pairs are looked at before a table may be given up, and again each time when there are twice as many.
     */
    private static final long FIRST_LOOK = 1 << 16;
    private static final long LATER_LOOK = 1 << 20;
    /** Below this many keys a table that is given up is sorted anew with what follows, instead of becoming a file. */
    private static final int FEW = 1 << 17;

    private final MapTask task;
    private final long budget;
    private final Partitions partitions;
    private final Optional<LongCombiner> longCombiner;
    private final Optional<ValueCombiner<?, ?>> valueCombiner;
    private final Spills spills;
    private final Path directory;
    private final SegmentWriter segment = new SegmentWriter();
    private PairBuffer pairs;
    private boolean combining;
    private long sinceDrained;
    private long nextLook = FIRST_LOOK;

    /**
     * @param budget    bytes for pairs in memory
     * @param directory the job's work directory, which is there
     */
    MapStore(MapTask task, JobCode code, Partitions partitions, long budget, Path directory) {
        this.task = task;
        this.budget = budget;
        this.partitions = partitions;
        this.directory = directory;
        final Optional<Object> combiner = code.combiner();
        longCombiner = combiner.filter(LongCombiner.class::isInstance).map(LongCombiner.class::cast);
        valueCombiner = combiner.filter(Combiner.class::isInstance)
            .map(found -> ValueCombiner.of((Combiner<?, ?>) found, code.keyCodec(), code.valueCodec()));
        combining = combiner.isPresent();
        pairs = newBuffer();
        spills = new Spills(directory, task, segment);
    }

    private PairBuffer newBuffer() {
        if (combining && longCombiner.isPresent()) {
            return new LongTable(budget, partitions, longCombiner.get());
        }
        if (combining && valueCombiner.isPresent()) {
            return new ValueTable(budget, partitions, valueCombiner.get());
        }
        return new SortBuffer(budget, partitions, task.spec().sortValues());
    }

    @Override
    public void add(byte[] key, int keyOffset, int keyLength, long value) throws IOException {
        while (!pairs.add(key, keyOffset, keyLength, value)) {
            makeRoom(keyLength);
        }
        count();
    }

    @Override
    public void add(byte[] key, int keyOffset, int keyLength, byte[] value, int valueOffset, int valueLength)
        throws IOException {
        while (!pairs.add(key, keyOffset, keyLength, value, valueOffset, valueLength)) {
            makeRoom((long) keyLength + valueLength);
        }
        count();
    }

    private void count() throws IOException {
        if (++sinceDrained >= nextLook) {
            nextLook = 2 * sinceDrained;
            if (combining && isCombiningUseless()) {
                settle();
                sortFromNowOn();
            }
        }
    }

    @Override
    public boolean isHolding(byte[] array) {
        return pairs.hasPending(array);
    }

    @Override
    public void settle() throws IOException {
        while (!pairs.settle()) {
            makeRoom(0);
        }
    }

    private void makeRoom(long pairLength) throws IOException {
        if (pairs.isEmpty()) {
            throw new IOException("a pair of " + pairLength + " bytes and more does not fit into a task's memory of "
                + task.spec().taskMemory() + " bytes; give more");
        }
        final boolean useless = combining && isCombiningUseless();
        spills.write(this::drainCombined);
        if (useless) {
            // Emptied, it has room for what is pending.
            while (!pairs.settle()) {
                makeRoom(pairLength);
            }
            sortFromNowOn();
        }
    }

    private boolean isCombiningUseless() {
        return pairs.size() > (sinceDrained < LATER_LOOK ? sinceDrained / 5 * 4 : sinceDrained / 2);
    }

    private void sortFromNowOn() throws IOException {
        combining = false;
        final PairBuffer table = pairs;
        if (table.size() > FEW) {
            spills.write(table::drain);
            pairs = newBuffer();
            return;
        }
        pairs = newBuffer();
        table.drain(new PairSink() {
            @Override
            public void beginPartition(int partition) {
                // The buffer finds the partition again.
            }

            @Override
            public void pair(byte[] key, int keyOffset, int keyLength, byte[] value, int valueOffset, int valueLength)
                throws IOException {
                while (!pairs.add(key, keyOffset, keyLength, value, valueOffset, valueLength)) {
                    makeRoom((long) keyLength + valueLength);
                }
            }
        });
    }

    /** Leaves the runs of the task behind. */
    List<RunRef> finish() throws IOException {
        settle();
        if (!spills.isEmpty() && !pairs.isEmpty()) {
            spills.write(this::drainCombined);
            // Empty and small, so that there is memory for merging.
            pairs = newBuffer();
        }
        try (RunFiles runs = new RunFiles(directory, task, segment)) {
            if (spills.isEmpty()) {
                drainCombined(runs);
            } else {
                combine(spills::merge, runs);
            }
            return runs.finish();
        }
    }

    private void drainCombined(PairSink sink) throws IOException {
        if (combining) {
            pairs.drain(sink);
        } else {
            combine(pairs::drain, sink);
        }
        sinceDrained = 0;
    }

    /** Lets {@code source} pour into {@code sink}, through the job's combiner if it has one. */
    private void combine(Spills.Source source, PairSink sink) throws IOException {
        if (longCombiner.isEmpty() && valueCombiner.isEmpty()) {
            source.pour(sink);
            return;
        }
        final CombiningSink combined = longCombiner.isPresent()
            ? new CombiningSink.Numbers(sink, longCombiner.get())
            : new CombiningSink.Values(sink, valueCombiner.orElseThrow());
        source.pour(combined);
        combined.finish();
    }

    @Override
    public void close() throws IOException {
        spills.close();
    }
}
