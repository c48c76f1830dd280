package io.balsa.raft.linearizability;

import static io.balsa.raft.testkit.linearizability.KeyValue.append;
import static io.balsa.raft.testkit.linearizability.KeyValue.get;
import static io.balsa.raft.testkit.linearizability.KeyValue.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import io.balsa.raft.testkit.linearizability.KeyValue;
import io.balsa.raft.testkit.linearizability.Register;
import io.balsa.raft.testkit.linearizability.Verdict;
import io.balsa.raft.testkit.linearizability.Window;
import org.junit.jupiter.api.Test;

/** Histories small enough to decide by looking, and the neighbours of each that must get the other verdict. */
final class SmallHistoriesTest {
    private static final String OK = "";

    private final Script<KeyValue.Request, String> script = new Script<>();

    @Test
    void nothingIsLinearizable() {
        accepted();
    }

    @Test
    void aReadMayNotMissAWriteThatReturnedBeforeIt() {
        script.does(0, put("k", "1"), OK).does(0, put("k", "2"), OK).does(1, get("k"), "1");
        final Window window = rejected("put k \"2\" -> ok", "get k -> \"1\"");
        assertEquals(List.of("\"1\""), window.before(), "where the value that was read comes from");
    }

    @Test
    void aReadMayMissAWriteThatHasNotReturned() {
        script.does(0, put("k", "1"), OK);
        final int write = script.calls(0, put("k", "2"));
        script.does(1, get("k"), "1").answered(write, OK).does(1, get("k"), "2");
        accepted();
    }

    @Test
    void readsMayNotGoBackInTimeWhileAWriteIsUnderWay() {
        final int write = script.calls(0, put("k", "1"));
        script.does(1, get("k"), "1").does(2, get("k"), "").answered(write, OK);
        rejected("get k -> \"1\"", "get k -> \"\"");
    }

    @Test
    void aReadMayNotShowWhatWasNeverWritten() {
        script.does(0, put("k", "1"), OK).does(1, get("k"), "3").does(0, put("k", "2"), OK);
        final Window window = rejected("get k -> \"3\"");
        assertTrue(window.claim().startsWith("that answer was never possible"), window.claim());
    }

    @Test
    void aReadMayNotShowWhatIsWrittenLater() {
        script.does(1, get("k"), "1").does(0, put("k", "1"), OK);
        rejected("get k -> \"1\"");
    }

    @Test
    void anUpdateMayNotBeLost() {
        final int left = script.calls(0, append("k", "a"));
        final int right = script.calls(1, append("k", "b"));
        script.answered(left, OK).answered(right, OK).does(2, get("k"), "b");
        rejected("append k \"a\" -> ok", "get k -> \"b\"");
    }

    @Test
    void writesUnderWayTogetherMayTakeEffectInEitherOrder() {
        for (final String seen : List.of("ab", "ba")) {
            final Script<KeyValue.Request, String> either = new Script<>();
            final int left = either.calls(0, append("k", "a"));
            final int right = either.calls(1, append("k", "b"));
            either.answered(left, OK).answered(right, OK).does(2, get("k"), seen).does(3, get("k"), seen);
            assertInstanceOf(Verdict.Linearizable.class, either.under(new KeyValue()), seen);
        }
    }

    @Test
    void writesUnderWayTogetherTakeEffectInOneOrderForAll() {
        final int left = script.calls(0, append("k", "a"));
        final int right = script.calls(1, append("k", "b"));
        script.answered(left, OK).answered(right, OK).does(2, get("k"), "ab").does(3, get("k"), "ba");
        rejected("get k -> \"ab\"", "get k -> \"ba\"");
    }

    @Test
    void writesOneAfterTheOtherTakeEffectInThatOrder() {
        script.does(0, append("k", "a"), OK).does(1, append("k", "b"), OK).does(2, get("k"), "ba");
        // The second append is not needed: wherever after its call it takes effect, it is after the first.
        final Window window = rejected("append k \"a\" -> ok", "get k -> \"ba\"");
        assertEquals(List.of("\"\""), window.before());
        assertEquals("\"ab\"", window.stuckIn());
    }

    @Test
    void anOpenOperationMayTakeEffectLate() {
        script.calls(0, put("k", "1"));
        script.does(1, get("k"), "").does(1, put("k", "2"), OK).does(1, get("k"), "2").does(1, get("k"), "1");
        accepted();
    }

    @Test
    void anOpenOperationMayNeverTakeEffect() {
        script.calls(0, append("k", "1"));
        script.does(1, get("k"), "").does(1, append("k", "2"), OK).does(1, get("k"), "2");
        accepted();
    }

    @Test
    void anOpenOperationTakesEffectOnceAtMost() {
        script.calls(0, put("k", "1"));
        script.does(1, get("k"), "1").does(1, put("k", "2"), OK).does(1, get("k"), "1");
        final Window window = rejected("put k \"2\" -> ok", "get k -> \"1\"");
        assertEquals(List.of("\"1\""), window.before(), "it has taken effect by then, as the first read shows");
    }

    @Test
    void anOpenOperationDoesNotTakeEffectBeforeItsCall() {
        script.does(1, get("k"), "1");
        script.calls(0, put("k", "1"));
        rejected("get k -> \"1\"");
    }

    @Test
    void twoOpenOperationsAlikeMayBothTakeEffect() {
        script.calls(0, append("k", "a"));
        script.calls(1, append("k", "a"));
        script.does(2, get("k"), "a").does(2, get("k"), "aa");
        accepted();
    }

    @Test
    void anAppendMayNotBeExecutedTwice() {
        script.does(0, append("k", "a"), OK).does(1, get("k"), "aa");
        final Window window = rejected("get k -> \"aa\"");
        assertEquals(List.of("\"a\""), window.before());
    }

    @Test
    void keysAreCheckedEachByItself() {
        script.does(0, put("good", "1"), OK).does(0, put("bad", "1"), OK).does(1, get("good"), "1")
            .does(1, get("bad"), "");
        assertEquals("bad", rejected("put bad \"1\" -> ok", "get bad -> \"\"").partition());
    }

    @Test
    void whatFailedDidNotHappen() {
        final int refused = script.calls(0, put("k", "1"));
        script.recorder().failed(refused);
        script.does(1, get("k"), "1");
        rejected("get k -> \"1\"");
    }

    @Test
    void aSwapTellsWhetherTheValueWasAsExpected() {
        final Register<Integer> register = new Register<>();
        final Script<Register.Request<Integer>, Register.Reply<Integer>> good = new Script<>();
        good.does(0, new Register.CompareAndSet<>(1, 2), new Register.Swapped<>(false))
            .does(0, new Register.Write<>(1), new Register.Written<>())
            .does(1, new Register.CompareAndSet<>(1, 2), new Register.Swapped<>(true))
            .does(2, new Register.Read<>(), new Register.Value<>(Optional.of(2)));
        assertInstanceOf(Verdict.Linearizable.class, good.under(register));

        // A swap that succeeds twice is two leaders, or one command applied twice.
        good.does(3, new Register.CompareAndSet<>(1, 2), new Register.Swapped<>(true));
        final Verdict.NotLinearizable bad = assertInstanceOf(Verdict.NotLinearizable.class, good.under(register));
        assertEquals("cas 1 to 2 -> swapped", bad.window().stuck().text());
    }

    @Test
    void aReplyOfAnotherRequestIsTheRecordersMistake() {
        final Script<Register.Request<Integer>, Register.Reply<Integer>> mixed = new Script<>();
        mixed.does(0, new Register.Read<>(), new Register.Written<>());
        assertThrows(IllegalArgumentException.class, () -> mixed.under(new Register<>()));
    }

    private void accepted() {
        assertInstanceOf(Verdict.Linearizable.class, script.under(new KeyValue()));
    }

    /** These contradict each other, and no others are needed for it. */
    private Window rejected(String... operations) {
        final Verdict.NotLinearizable verdict =
            assertInstanceOf(Verdict.NotLinearizable.class, script.under(new KeyValue()));
        assertEquals(Arrays.asList(operations), verdict.window().entries().stream()
            .filter(entry -> entry.role() != Window.Role.CONTEXT).map(Window.Entry::text).toList());
        return verdict.window();
    }
}
