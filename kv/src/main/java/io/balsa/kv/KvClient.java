package io.balsa.kv;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import io.balsa.kv.wire.OpCode;
import io.balsa.raft.spi.RaftException;

/**
 * A client of a Balsa key/value cluster. It finds the leader by itself and tries over all nodes until it knows what
 * became of a call or its time is up; whatever happens on the way, a write is executed at most once.
 *
 * <p>One call at a time: a second thread that calls meanwhile gets an {@link IllegalStateException}. Calls block and
 * are fit for virtual threads. Every call may throw {@link KvException}: {@link KvException.Unknown} for writes,
 * {@link KvException.Unavailable} and {@link KvException.Refused} for all.
 *
 * <p>Keys are at most 64 KiB, values 1 MiB, all arguments of one call about 2 MiB. Arrays given are not kept.
 */
public final class KvClient implements AutoCloseable {
    private static final int KEYS_PER_REQUEST = 1_000;

    private final ClientCalls calls;
    private final AtomicBoolean busy = new AtomicBoolean();

    private KvClient(ClientCalls calls) {
        this.calls = calls;
    }

    /**
     * A client of the cluster that these nodes belong to. Connects with the first call, not yet.
     *
     * @param hostPorts client addresses, such as {@code 127.0.0.1:7400}; one is enough, more survive more
     * @param timeout   how long each call may take, 1 ms to 1 day
     * @throws IllegalArgumentException when there is no address or one cannot be understood, or for such a timeout
     */
    public static KvClient connect(List<String> hostPorts, Duration timeout) {
        return new KvClient(new ClientCalls(hostPorts.stream().map(HostPort::parse).toList(), timeout));
    }

    /**
     * What one node says of itself, as a JSON object; the fields are listed in the package's description.
     *
     * @throws KvException.Unavailable when it does not answer
     */
    public static String status(String hostPort, Duration timeout) {
        return text(ClientCalls.askOne(HostPort.parse(hostPort), timeout, "BALSA.STATUS"));
    }

    /**
     * Has one node, whether it leads or not, write down its state as it is now.
     *
     * @param timeout how long that may take
     * @return the index of the last log entry in it
     * @throws KvException.Unavailable when the node does not answer
     * @throws RaftException           when it could not
     */
    public static long takeSnapshot(String hostPort, Duration timeout) {
        try (SnapshotFetch node = SnapshotFetch.open(HostPort.parse(hostPort), timeout)) {
            return node.take(0).snapshot().index();
        }
    }

    /** Sets a key, whatever it was. */
    public void set(byte[] key, byte[] value) {
        write(new Command(OpCode.SET, List.of(key, value)));
    }

    /** Sets several keys at once: a reader sees all or none of it. */
    public void setAll(Map<byte[], byte[]> entries) {
        if (!entries.isEmpty()) {
            final List<byte[]> arguments = new ArrayList<>(entries.size() * 2);
            entries.forEach((key, value) -> {
                arguments.add(key);
                arguments.add(value);
            });
            write(new Command(OpCode.MSET, arguments));
        }
    }

    /** Sets a key that is absent. @return whether it was */
    public boolean setIfAbsent(byte[] key, byte[] value) {
        return number(write(new Command(OpCode.CASABSENT, List.of(key, value)))) == 1;
    }

    /** Sets a key if its value is {@code expected}; an absent key has none. @return whether it was */
    public boolean compareAndSet(byte[] key, byte[] expected, byte[] value) {
        return number(write(new Command(OpCode.CAS, List.of(key, expected, value)))) == 1;
    }

    /** Lengthens a value, or makes it. @return its length in bytes then */
    public long append(byte[] key, byte[] suffix) {
        return number(write(new Command(OpCode.APPEND, List.of(key, suffix))));
    }

    /** Removes a key. @return whether it was there */
    public boolean delete(byte[] key) {
        return number(write(new Command(OpCode.DEL, List.of(key)))) == 1;
    }

    /** Removes several keys at once. @return how many were there */
    public long deleteAll(List<byte[]> keys) {
        return keys.isEmpty() ? 0 : number(write(new Command(OpCode.DEL, List.copyOf(keys))));
    }

    /** Adds to a decimal number; an absent key counts as 0. @return the sum */
    public long increment(byte[] key, long by) {
        return number(write(new Command(OpCode.INCRBY, List.of(key), by)));
    }

    /** A key's value. */
    public Optional<byte[]> get(byte[] key) {
        return Optional.ofNullable(bytes(read(new Command(OpCode.GET, List.of(key)))));
    }

    /** The values of several keys at one moment, in the order asked, empty where absent. */
    public List<Optional<byte[]>> getAll(List<byte[]> keys) {
        if (keys.isEmpty()) {
            return List.of();
        }
        return values(read(new Command(OpCode.MGET, List.copyOf(keys)))).stream().map(Optional::ofNullable).toList();
    }

    /** Whether a key is there. */
    public boolean exists(byte[] key) {
        return number(read(new Command(OpCode.EXISTS, List.of(key)))) == 1;
    }

    /** The length of a key's value in bytes, 0 if absent. */
    public long strlen(byte[] key) {
        return number(read(new Command(OpCode.STRLEN, List.of(key))));
    }

    /**
     * The keys that start with a prefix, in the order of unsigned bytes, at most {@code limit}. They are read in steps:
     * a key that is there from the first step to the last is among them once.
     */
    public List<byte[]> keys(byte[] prefix, int limit) {
        return keys(prefix).limit(limit).toList();
    }

    /** As {@link #keys(byte[], int)}, without a limit; reading the stream calls the cluster as it goes on. */
    public Stream<byte[]> keys(byte[] prefix) {
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(
            new KeyIterator(prefix, KEYS_PER_REQUEST, range -> values(call(() -> calls.read(range)))),
            Spliterator.ORDERED | Spliterator.NONNULL), false);
    }

    /** Closes the session, if the node it spoke to last takes that at once, and the connection. */
    @Override
    public void close() {
        calls.close();
    }

    private KvReply write(Command command) {
        return call(() -> calls.write(checked(command)));
    }

    private KvReply read(Command command) {
        return call(() -> calls.read(new Call.Point(checked(command))));
    }

    private KvReply call(Supplier<KvReply> work) {
        if (!busy.compareAndSet(false, true)) {
            throw new IllegalStateException("one call at a time: another thread is using this client");
        }
        try {
            return work.get();
        } finally {
            busy.set(false);
        }
    }

    /** The limits are checked here as well, so that a refusal never leaves open whether the number was used. */
    private static Command checked(Command command) {
        for (int i = 0; i < command.arguments().size(); i++) {
            final int length = command.arguments().get(i).length;
            final int limit = isKey(command.op(), i) ? Limits.KEY_BYTES : Limits.VALUE_BYTES;
            if (length > limit) {
                throw new KvException.Refused((limit == Limits.KEY_BYTES ? "a key" : "a value") + " of " + length
                    + " bytes, the limit is " + limit);
            }
        }
        if (!command.fits()) {
            throw new KvException.Refused(Command.tooLong());
        }
        return command;
    }

    private static boolean isKey(OpCode op, int position) {
        return switch (op) {
            case EXISTS, MGET, DEL -> true;
            case MSET -> position % 2 == 0;
            case GET, STRLEN, SET, APPEND, CAS, CASABSENT, INCRBY, NULL_VAL -> position == 0;
        };
    }

    private static long number(KvReply reply) {
        if (reply instanceof KvReply.Int number) {
            return number.value();
        }
        throw unexpected(reply);
    }

    private static byte[] bytes(KvReply reply) {
        if (reply instanceof KvReply.Bulk bulk) {
            return bulk.value();
        }
        throw unexpected(reply);
    }

    private static List<byte[]> values(KvReply reply) {
        if (reply instanceof KvReply.Values values) {
            return values.values();
        }
        throw unexpected(reply);
    }

    private static String text(KvReply reply) {
        return new String(bytes(reply), StandardCharsets.UTF_8);
    }

    private static IllegalStateException unexpected(KvReply reply) {
        return new IllegalStateException("a node answered " + reply + "; is it of another version?");
    }
}
