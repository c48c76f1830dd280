package io.balsa.kv;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;

/** Walks the keys of a prefix, a page at a time; each page is read after the last key of the one before. */
final class KeyIterator implements Iterator<byte[]> {
    private final byte[] prefix;
    private final int pageKeys;
    private final Function<Call.Range, List<byte[]>> read;
    private Iterator<byte[]> page = List.<byte[]>of().iterator();
    private byte[] last;
    private boolean more = true;

    /** @param read answers a range as {@link Call.Range} says */
    KeyIterator(byte[] prefix, int pageKeys, Function<Call.Range, List<byte[]>> read) {
        this.prefix = prefix;
        this.pageKeys = pageKeys;
        this.read = read;
    }

    @Override
    public boolean hasNext() {
        while (!page.hasNext() && more) {
            final List<byte[]> answer = read.apply(new Call.Range(prefix, last, pageKeys));
            more = answer.get(0)[0] == '1';
            page = answer.subList(1, answer.size()).iterator();
        }
        return page.hasNext();
    }

    @Override
    public byte[] next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        last = page.next();
        return last;
    }
}
