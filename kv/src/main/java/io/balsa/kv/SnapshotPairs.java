package io.balsa.kv;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.SortedMap;

import org.pcollections.TreePMap;

/**
 * The pairs of a snapshot as they are read, in the shape of a sorted map, because that is what {@link TreePMap} can be
 * built from in one pass: a tree of n pairs with n steps, and no second copy of them. The map can be walked once.
 */
final class SnapshotPairs extends AbstractMap<byte[], byte[]> implements SortedMap<byte[], byte[]> {
    private final SnapshotInput in;
    private final int size;
    private int read;
    private byte[] last;
    private long digest;

    SnapshotPairs(SnapshotInput in, int size) {
        this.in = in;
        this.size = size;
    }

    /** All of them. */
    KvView read() throws IOException {
        try {
            final TreePMap<byte[], byte[]> map = TreePMap.fromSortedMap(this);
            return new KvView(map, digest);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Reads all of them and keeps none. @return their digest */
    long skim() throws IOException {
        while (read < size) {
            readNext();
        }
        return digest;
    }

    @Override
    public Set<Entry<byte[], byte[]>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public Iterator<Entry<byte[], byte[]>> iterator() {
                return new Walk();
            }

            @Override
            public int size() {
                return size;
            }
        };
    }

    @Override
    public Comparator<? super byte[]> comparator() {
        return KvView.EMPTY.map().comparator();
    }

    private Entry<byte[], byte[]> readNext() throws IOException {
        final byte[] key = in.bytes();
        if (last != null && Arrays.compareUnsigned(last, key) >= 0) {
            throw in.damaged("a key does not come after the one before it");
        }
        final byte[] value = in.bytes();
        read++;
        last = key;
        digest += Digest.of(key, value);
        return Map.entry(key, value);
    }

    private final class Walk implements Iterator<Entry<byte[], byte[]>> {
        @Override
        public boolean hasNext() {
            return read < size;
        }

        @Override
        public Entry<byte[], byte[]> next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            try {
                return readNext();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public SortedMap<byte[], byte[]> subMap(byte[] from, byte[] to) {
        throw onlyWalked();
    }

    @Override
    public SortedMap<byte[], byte[]> headMap(byte[] to) {
        throw onlyWalked();
    }

    @Override
    public SortedMap<byte[], byte[]> tailMap(byte[] from) {
        throw onlyWalked();
    }

    @Override
    public byte[] firstKey() {
        throw onlyWalked();
    }

    @Override
    public byte[] lastKey() {
        throw onlyWalked();
    }

    private static UnsupportedOperationException onlyWalked() {
        return new UnsupportedOperationException("the pairs of a snapshot come one after the other");
    }
}
