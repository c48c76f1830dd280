package io.balsa.kv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonReaderTest {
    @Test
    void readsWhatANodeSays() {
        final Map<String, Object> status = JsonReader.object("""
            {"id":0, "role":"leader", "clusterId":-7194732986, "voter":true, "failure":null, "load":1.5e1,
             "peers":[{"id":1,"matchIndex":12},{"id":2,"matchIndex":0}], "none":[], "empty":{}}
            """);
        assertEquals(0L, status.get("id"));
        assertEquals("leader", status.get("role"));
        assertEquals(-7194732986L, status.get("clusterId"));
        assertEquals(true, status.get("voter"));
        assertEquals(15.0, status.get("load"));
        assertEquals(List.of(Map.of("id", 1L, "matchIndex", 12L), Map.of("id", 2L, "matchIndex", 0L)),
            status.get("peers"));
        assertEquals(List.of(), status.get("none"));
        assertEquals(Map.of(), status.get("empty"));
        assertEquals(Arrays.asList("id", "role", "clusterId", "voter", "failure", "load", "peers", "none", "empty"),
            List.copyOf(status.keySet()));
    }

    @Test
    void undoesEveryEscape() {
        assertEquals("\"\\/\b\f\n\r\t\u00e9",
            JsonReader.object("{\"s\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"}").get("s"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1 \"b\":2}", "{\"a\":tru}",
        "{\"a\":\"", "{\"a\":\"\\u00\"}", "{\"a\":\"\\x\"}", "{\"a\":1} x", "{\"a\":1-2}"})
    void refusesWhatIsNoObject(String text) {
        assertThrows(IllegalArgumentException.class, () -> JsonReader.object(text));
    }
}
