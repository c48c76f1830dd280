package io.balsa.raft.linearizability;

import static io.balsa.raft.testkit.linearizability.KeyValue.append;
import static io.balsa.raft.testkit.linearizability.KeyValue.get;
import static io.balsa.raft.testkit.linearizability.KeyValue.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.regex.Pattern;

import io.balsa.raft.testkit.linearizability.KeyValue;
import io.balsa.raft.testkit.linearizability.Verdict;
import io.balsa.raft.testkit.linearizability.Window;
import org.junit.jupiter.api.Test;

/** What people see of a history that is not linearizable. */
final class WindowTest {
    private final Script<KeyValue.Request, String> script = new Script<>();

    @Test
    void theWindowSaysWhatContradictsItselfAndHowFarAnOrderGoes() {
        final int lost = staleReadAmongOthers();
        assertEquals("""
            not linearizable: k
            before: "ab"
            these 2 have no order, even if the other 1 of that time took effect at any time after their calls, or never:
                client 0: append k "c" -> ok  [0.007000 .. 0.008000 ms]
              ! client 2: get k -> "ab"  [0.010000 .. 0.011000 ms]
            the longest order has 3 operations; its end:
                  1. client 0: append k "a" -> ok  =>  "a"
                  2. client 1: append k "b" -> ok  =>  "ab"
                  3. client 0: append k "c" -> ok  =>  "abc"
                  !  client 2: get k -> "ab" is not possible in "abc\"""", window().text());
        assertEquals(lost, window().entries().stream().filter(entry -> entry.role() == Window.Role.NEEDED)
            .findFirst().orElseThrow().number());
    }

    @Test
    void aLongHistoryHasASmallWindow() {
        for (int i = 0; i < 200; i++) {
            script.does(i % 5, append("k", "."), "").does((i + 1) % 5, get("k"), ".".repeat(i + 1));
        }
        script.does(0, put("k", "x"), "").does(1, get("k"), ".".repeat(200)).does(0, put("k", "later"), "");
        final Window window = window();
        assertEquals(List.of("put k \"x\" -> ok"), texts(window, Window.Role.NEEDED));
        assertTrue(window.entries().size() < 12, "the picture shows " + window.entries().size());
        assertTrue(window.text().contains("(202 characters)"), "long values are shortened:\n" + window.text());
        assertFalse(window.text().contains("later"), "what came after has no part in it");
    }

    @Test
    void theTimelineHasARowForEachClientAndMarksTheStuckOperation() {
        staleReadAmongOthers();
        final String page = window().html();
        for (int client = 0; client < 4; client++) {
            assertEquals(1, count(page, "\">client " + client + "</div>"), "rows of client " + client);
        }
        assertEquals(1, count(page, "class=\"bar stuck\""));
        assertEquals(1, count(page, "class=\"bar needed\""));
        assertEquals(1, count(page, "class=\"bar open\""), "what was never answered is drawn without an end");
        for (int place = 1; place <= 3; place++) {
            assertEquals(1, count(page, "<span class=\"place\">" + place + "</span>"), "place " + place);
        }
        assertTrue(page.contains("title=\"client 0: append k &quot;c&quot; -&gt; ok&#10;0.007000 .. 0.008000 ms"),
            "hovering shows the operation, its time and the state");
        assertTrue(page.contains("not possible in &quot;abc&quot;"), "it says where it got stuck");
    }

    @Test
    void operationsOfOneClientThatOverlapAreDrawnBelowEachOther() {
        final int left = script.calls(7, append("k", "a"));
        final int right = script.calls(7, append("k", "b"));
        script.answered(left, "").answered(right, "").does(8, get("k"), "neither");
        final String page = window().html();
        assertTrue(page.contains("style=\"grid-row:1/span 2\">client 7</div>"), page);
        assertTrue(page.contains("style=\"grid-row:3/span 1\">client 8</div>"), page);
    }

    @Test
    void thePageNeedsNothingElseAndIsReadableByDayAndByNight() {
        staleReadAmongOthers();
        final String page = window().html();
        assertTrue(page.startsWith("<!DOCTYPE html>"));
        for (final String foreign : List.of("http", "src=", "href=", "<script", "@import", "url(")) {
            assertFalse(page.contains(foreign), foreign);
        }
        assertTrue(page.contains("prefers-color-scheme: dark"));
    }

    @Test
    void valuesCannotBreakThePage() {
        script.does(0, put("<i>", "\"><script>"), "").does(1, get("<i>"), "&");
        final String page = window().html();
        assertFalse(page.contains("<i>"));
        assertFalse(page.contains("<script>"));
        assertTrue(page.contains("get &lt;i&gt; -&gt; &quot;&amp;&quot;"));
    }

    /** @return the number of the append that the read misses */
    private int staleReadAmongOthers() {
        script.does(0, append("k", "a"), "");
        script.does(1, append("k", "b"), "").does(1, get("elsewhere"), "");
        final int lost = script.calls(0, append("k", "c"));
        script.answered(lost, "");
        script.calls(3, append("k", "d"));
        script.does(2, get("k"), "ab");
        return lost;
    }

    private Window window() {
        return assertInstanceOf(Verdict.NotLinearizable.class, script.under(new KeyValue())).window();
    }

    private static List<String> texts(Window window, Window.Role role) {
        return window.entries().stream().filter(entry -> entry.role() == role).map(Window.Entry::text).toList();
    }

    private static int count(String page, String part) {
        return page.split(Pattern.quote(part), -1).length - 1;
    }
}
