package io.balsa.kv;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import io.balsa.kv.wire.CloseSessionDecoder;
import io.balsa.kv.wire.ExecuteDecoder;
import io.balsa.kv.wire.MessageHeaderDecoder;
import io.balsa.kv.wire.OpCode;
import io.balsa.kv.wire.OpenSessionDecoder;
import io.balsa.raft.spi.StateMachine;
import org.agrona.DirectBuffer;

/**
 * The replicated key/value store: an ordered map from bytes to bytes, changed by the commands of kv.xml, each executed
 * once per session and sequence number ({@link Sessions}). Deterministic: the same log gives the same replies.
 *
 * <p>{@link #apply} belongs to one thread at a time; {@link #view} may be taken by any.
 */
final class KvStateMachine implements StateMachine<KvReply> {
    private static final byte[] NO_BYTES = {};

    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final CloseSessionDecoder close = new CloseSessionDecoder();
    private final ExecuteDecoder execute = new ExecuteDecoder();
    private final Sessions.Bounds bounds;
    Sessions sessions;
    private volatile KvView view = KvView.EMPTY;
    private volatile int sessionCount;

    KvStateMachine() {
        this(Sessions.Bounds.DEFAULT);
    }

    KvStateMachine(Sessions.Bounds bounds) {
        this.bounds = bounds;
        this.sessions = new Sessions(bounds);
    }

    /** The store after the last command applied; O(1). */
    KvView view() {
        return view;
    }

    /** How many sessions are known after the last command applied. */
    int sessionCount() {
        return sessionCount;
    }

    @Override
    public KvReply apply(long index, long term, DirectBuffer command, int offset, int length) {
        header.wrap(command, offset);
        return switch (header.templateId()) {
            case ExecuteDecoder.TEMPLATE_ID -> applyExecute(command, offset);
            case OpenSessionDecoder.TEMPLATE_ID -> counted(sessions.open(index));
            case CloseSessionDecoder.TEMPLATE_ID ->
                counted(sessions.close(close.wrapAndApplyHeader(command, offset, header).client()));
            default -> throw new IllegalStateException("entry " + index + " holds a command of kind "
                + header.templateId() + ", which this version does not know; upgrade this node");
        };
    }

    /** Kept up to date by every command, whose cost it shares: what a command touches is digested, nothing else. */
    @Override
    public long stateHash() {
        return stateHash(view.digest(), sessions.digest());
    }

    static long stateHash(long pairs, long sessions) {
        final long digest = Digest.of(pairs, sessions);
        return digest == NO_HASH ? 1 : digest;
    }

    /** O(1): the pairs are a persistent map, and the sessions are copied as they change. */
    @Override
    public Optional<View> freeze() {
        return Optional.of(new KvSnapshot(sessions.freeze(), view));
    }

    /** The new state is built aside: until it is whole, and where it never is, the old one is read. */
    @Override
    public void restore(InputStream state) throws IOException {
        final KvSnapshot.Restored restored = KvSnapshot.read(state, bounds);
        sessions = restored.sessions();
        view = restored.view();
        sessionCount = sessions.size();
    }

    private KvReply counted(KvReply reply) {
        sessionCount = sessions.size();
        return reply;
    }

    private KvReply applyExecute(DirectBuffer buffer, int offset) {
        execute.wrapAndApplyHeader(buffer, offset, header);
        final KvReply earlier = sessions.admit(execute.client(), execute.sequence(), execute.acknowledged());
        if (earlier != null) {
            return earlier;
        }
        final KvReply reply = execute(decoded());
        sessions.executed(reply);
        return reply;
    }

    private Command decoded() {
        final OpCode op = execute.op();
        final long number = execute.number();
        final ExecuteDecoder.ArgumentsDecoder group = execute.arguments();
        final List<byte[]> arguments = new ArrayList<>(group.count());
        while (group.hasNext()) {
            final byte[] argument = new byte[group.next().bytesLength()];
            group.getBytes(argument, 0, argument.length);
            arguments.add(argument);
        }
        return new Command(op, arguments, number);
    }

    private KvReply execute(Command command) {
        final List<byte[]> arguments = command.arguments();
        return switch (command.op()) {
            case GET, EXISTS, STRLEN, MGET -> view.read(command);
            case SET -> set(command.key(), arguments.get(1));
            case APPEND -> append(command.key(), arguments.get(1));
            case DEL -> delete(arguments);
            case CAS -> compareAndSet(command.key(), arguments.get(1), arguments.get(2));
            case CASABSENT -> compareAndSet(command.key(), null, arguments.get(1));
            case INCRBY -> increment(command.key(), command.number());
            case MSET -> setAll(arguments);
            case NULL_VAL -> throw new IllegalStateException(
                "an operation that this version does not know; upgrade this node");
        };
    }

    private KvReply set(byte[] key, byte[] value) {
        view = view.with(key, value);
        return KvReply.Ok.OK;
    }

    private KvReply append(byte[] key, byte[] suffix) {
        final byte[] old = view.map().getOrDefault(key, NO_BYTES);
        if (old.length + suffix.length > Limits.VALUE_BYTES) {
            return KvReply.Failure.error("the value would be " + (old.length + suffix.length)
                + " bytes long, the limit is " + Limits.VALUE_BYTES);
        }
        final byte[] value = Arrays.copyOf(old, old.length + suffix.length);
        System.arraycopy(suffix, 0, value, old.length, suffix.length);
        view = view.with(key, value);
        return new KvReply.Int(value.length);
    }

    private KvReply delete(List<byte[]> keys) {
        final KvView before = view;
        KvView after = before;
        for (final byte[] key : keys) {
            after = after.without(key);
        }
        view = after;
        return new KvReply.Int(before.map().size() - after.map().size());
    }

    private KvReply compareAndSet(byte[] key, byte[] expected, byte[] value) {
        if (!Arrays.equals(view.map().get(key), expected)) {
            return KvReply.Int.ZERO;
        }
        view = view.with(key, value);
        return KvReply.Int.ONE;
    }

    private KvReply increment(byte[] key, long delta) {
        final byte[] old = view.map().get(key);
        if (old != null && !Decimal.isNumber(old)) {
            return KvReply.Failure.error("value is not an integer or out of range");
        }
        final long number = old == null ? 0 : Decimal.parse(old);
        final long sum = number + delta;
        if (((number ^ sum) & (delta ^ sum)) < 0) {
            return KvReply.Failure.error("increment or decrement would overflow");
        }
        view = view.with(key, Decimal.format(sum));
        return new KvReply.Int(sum);
    }

    private KvReply setAll(List<byte[]> keysAndValues) {
        KvView after = view;
        for (int i = 0; i < keysAndValues.size(); i += 2) {
            after = after.with(keysAndValues.get(i), keysAndValues.get(i + 1));
        }
        view = after; // at once: a reader sees all of an MSET or none of it
        return KvReply.Ok.OK;
    }
}
