package io.balsa.kv;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.balsa.raft.spi.SnapshotStore.Snapshot;

/**
 * The answer to {@code BALSA.SNAPSHOT}: names and values in turn.
 *
 * @param snapshot  that is the node's newest now
 * @param clusterId of the node
 * @param members   of its group
 */
record SnapshotReply(Snapshot snapshot, long clusterId, SortedSet<Integer> members) {
    KvReply words() {
        final List<byte[]> words = new ArrayList<>();
        add(words, "index", Long.toString(snapshot.index()));
        add(words, "term", Long.toString(snapshot.term()));
        add(words, "bytes", Long.toString(snapshot.length()));
        add(words, "stateHash", Long.toHexString(snapshot.stateHash()));
        add(words, "contentHash", Long.toHexString(snapshot.contentHash()));
        add(words, "clusterId", Long.toHexString(clusterId));
        add(words, "members", members.stream().map(String::valueOf).collect(Collectors.joining(",")));
        return new KvReply.Values(words);
    }

    private static void add(List<byte[]> words, String name, String value) {
        words.add(name.getBytes(StandardCharsets.US_ASCII));
        words.add(value.getBytes(StandardCharsets.US_ASCII));
    }

    /** @throws IllegalArgumentException when these are not the words of such an answer */
    static SnapshotReply of(List<byte[]> words) {
        final Map<String, String> values = new HashMap<>();
        for (int i = 0; i + 1 < words.size(); i += 2) {
            values.put(text(words.get(i)), text(words.get(i + 1)));
        }
        final Snapshot snapshot = new Snapshot(Long.parseLong(value(values, "index")),
            Long.parseLong(value(values, "term")), hexadecimal(values, "stateHash"),
            hexadecimal(values, "contentHash"), Long.parseLong(value(values, "bytes")));
        return new SnapshotReply(snapshot, hexadecimal(values, "clusterId"),
            Stream.of(value(values, "members").split(",")).map(Integer::valueOf)
                .collect(Collectors.toCollection(TreeSet::new)));
    }

    private static long hexadecimal(Map<String, String> values, String name) {
        return Long.parseUnsignedLong(value(values, name), 16);
    }

    private static String value(Map<String, String> values, String name) {
        final String value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no " + name);
        }
        return value;
    }

    private static String text(byte[] word) {
        return new String(word, StandardCharsets.US_ASCII);
    }
}
