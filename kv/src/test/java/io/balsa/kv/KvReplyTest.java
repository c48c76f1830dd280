package io.balsa.kv;

import static io.balsa.kv.Commands.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;

/** Replies are equal when they say the same, wherever their bytes lie. */
class KvReplyTest {
    @Test
    void valuesAreComparedByTheirBytes() {
        final KvReply one = new KvReply.Values(Arrays.asList(bytes("a"), null, bytes("")));
        assertEquals(one, new KvReply.Values(Arrays.asList(bytes("a"), null, bytes(""))));
        assertEquals(one.hashCode(), new KvReply.Values(Arrays.asList(bytes("a"), null, bytes(""))).hashCode());
        assertNotEquals(one, new KvReply.Values(Arrays.asList(bytes("a"), bytes(""), null)));
        assertNotEquals(one, new KvReply.Values(Arrays.asList(bytes("a"), null)));
        assertNotEquals(one, new KvReply.Values(Arrays.asList(bytes("b"), null, bytes(""))));
        assertNotEquals(one, new KvReply.Bulk(bytes("a")));
    }

    @Test
    void oneValueIsComparedByItsBytes() {
        assertEquals(new KvReply.Bulk(bytes("a")), new KvReply.Bulk(bytes("a")));
        assertNotEquals(new KvReply.Bulk(bytes("")), KvReply.Bulk.ABSENT);
        assertNotEquals(new KvReply.Values(List.of(bytes("a"))), new KvReply.Bulk(bytes("a")));
    }
}
