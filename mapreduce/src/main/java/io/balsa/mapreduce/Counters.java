package io.balsa.mapreduce;

import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Sums by name, in the order of names. What a task counts is added to its job's once, with the attempt that won,
 * however often the task was tried.
 *
 * @param values never changes
 */
public record Counters(NavigableMap<String, Long> values) {
    public static final Counters NONE = new Counters(new TreeMap<>());

    public Counters {
        values = Collections.unmodifiableNavigableMap(new TreeMap<>(values));
    }

    public static Counters of(Map<String, Long> values) {
        return new Counters(new TreeMap<>(values));
    }

    /** Returns the count, 0 if nothing was counted under this name. */
    public long get(String name) {
        return values.getOrDefault(name, 0L);
    }

    public Counters plus(Counters other) {
        final TreeMap<String, Long> sums = new TreeMap<>(values);
        other.values.forEach((name, count) -> sums.merge(name, count, Long::sum));
        return new Counters(sums);
    }
}
