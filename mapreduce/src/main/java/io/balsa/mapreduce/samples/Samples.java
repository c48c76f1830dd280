package io.balsa.mapreduce.samples;

import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

import io.balsa.mapreduce.JobDefinition;

/** The sample jobs by their names. */
public final class Samples {
    private static final NavigableMap<String, Supplier<JobDefinition>> JOBS = new TreeMap<>();

    static {
        JOBS.put("wc", WordCount::new);
        JOBS.put("wc-typed", TypedWordCount::new);
        JOBS.put("wc-lab", LabWordCount::new);
        JOBS.put("indexer", Indexer::new);
        JOBS.put("grep", Grep::new);
        JOBS.put("sort", Sort::new);
        JOBS.put("top-k", TopK::new);
        JOBS.put("inverted-index", InvertedIndex::new);
    }

    private Samples() {
    }

    /** Returns the sample of this name, if there is one. */
    public static Optional<JobDefinition> named(String name) {
        return Optional.ofNullable(JOBS.get(name)).map(Supplier::get);
    }

    /** Returns all names, for messages. */
    public static Iterable<String> names() {
        return JOBS.navigableKeySet();
    }
}
