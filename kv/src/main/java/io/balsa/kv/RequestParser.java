package io.balsa.kv;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

import io.balsa.kv.wire.OpCode;

/** The commands a node understands, their arguments and limits. Holds no state. */
final class RequestParser {
    private static final byte[] EVERYTHING = {};
    private static final int DEFAULT_SCAN_COUNT = 10;
    private static final int LONGEST_NAME = 32;

    private RequestParser() {
    }

    /** Understands a request, or answers what is wrong with it. */
    static Request parse(RequestReader.RawRequest raw) {
        if (raw.refusal() != null) {
            return new Request.Immediate(raw.refusal());
        }
        try {
            return parse(name(raw.words()), raw.words());
        } catch (Refusal e) {
            return new Request.Immediate(e.failure);
        }
    }

    private static Request parse(String name, List<byte[]> words) throws Refusal {
        final Command command = fitting(name, words);
        if (command != null) {
            return new Request.Plain(command.isRead() ? new Call.Point(command) : new Call.Update(command));
        }
        return switch (name) {
            case "PING" -> {
                atMost(1, name, words);
                yield immediate(words.size() == 1 ? new KvReply.Text("PONG") : new KvReply.Bulk(words.get(1)));
            }
            case "ECHO" -> immediate(new KvReply.Bulk(exactly(1, name, words).get(1)));
            case "QUIT" -> Request.Control.QUIT;
            case "SELECT" -> select(exactly(1, name, words).get(1));
            case "COMMAND" -> immediate(new KvReply.Values(List.of()));
            case "CLIENT" -> immediate(KvReply.Ok.OK);
            case "HELLO" -> hello(words);
            case "INFO" -> Request.Control.INFO;
            case "CONFIG" -> config(words);
            case "DBSIZE" -> {
                exactly(0, name, words);
                yield new Request.Plain(new Call.Size());
            }
            case "KEYS" -> new Request.Keys(prefix(exactly(1, name, words).get(1)));
            case "SCAN" -> scan(words);
            case "BALSA.OPEN" -> {
                exactly(0, name, words);
                yield new Request.Plain(new Call.OpenSession());
            }
            case "BALSA.CLOSE" ->
                new Request.Plain(new Call.CloseSession(number("client", exactly(1, name, words).get(1))));
            case "BALSA.DO" -> inSession(words);
            case "BALSA.RANGE" -> range(words);
            case "BALSA.READINDEX" -> {
                exactly(0, name, words);
                yield new Request.Plain(new Call.ReadIndex());
            }
            case "BALSA.SNAPSHOT" -> {
                atMost(1, name, words);
                yield new Request.OfSnapshots.Take(words.size() == 1 ? 0 : number("index", words.get(1)));
            }
            case "BALSA.FETCH" -> new Request.OfSnapshots.Fetch(number("index", exactly(2, name, words).get(1)),
                number("offset", words.get(2)));
            case "SAVE" -> {
                exactly(0, name, words);
                yield new Request.OfSnapshots.Save();
            }
            case "BGSAVE" -> {
                atMost(1, name, words); // SCHEDULE is how it is done anyway
                yield new Request.OfSnapshots.SaveInBackground();
            }
            case "LASTSAVE" -> throw new Refusal("nobody notes the time of a snapshot; BALSA.STATUS has its index");
            case "BALSA.DIRECT" -> Request.Control.DIRECT;
            case "BALSA.STATUS" -> Request.Control.STATUS;
            default -> throw new Refusal("unknown command '" + name + "'; known are SET GET APPEND DEL EXISTS STRLEN "
                + "CAS CASABSENT INCR INCRBY DECR DECRBY MGET MSET KEYS SCAN DBSIZE PING ECHO INFO QUIT");
        };
    }

    /** As {@link #command}, and short enough: a node must never refuse what another one passed on as its command. */
    private static Command fitting(String name, List<byte[]> words) throws Refusal {
        final Command command = command(name, words);
        if (command != null && !command.fits()) {
            throw new Refusal(new KvReply.Failure(KvReply.Code.TOOLARGE, Command.tooLong()));
        }
        return command;
    }

    /** An operation on the store, or null if the name is not that of one. */
    private static Command command(String name, List<byte[]> words) throws Refusal {
        return switch (name) {
            case "GET" -> keyed(OpCode.GET, exactly(1, name, words));
            case "STRLEN" -> keyed(OpCode.STRLEN, exactly(1, name, words));
            case "EXISTS" -> keys(OpCode.EXISTS, atLeast(1, name, words));
            case "MGET" -> keys(OpCode.MGET, atLeast(1, name, words));
            case "DEL" -> keys(OpCode.DEL, atLeast(1, name, words));
            case "SET" -> {
                if (words.size() > 3) {
                    throw new Refusal("SET takes a key and a value; options such as EX, NX or GET are not supported");
                }
                yield keyed(OpCode.SET, exactly(2, name, words));
            }
            case "APPEND" -> keyed(OpCode.APPEND, exactly(2, name, words));
            case "CAS" -> keyed(OpCode.CAS, exactly(3, name, words));
            case "CASABSENT" -> keyed(OpCode.CASABSENT, exactly(2, name, words));
            case "INCR" -> increment(exactly(1, name, words), 1);
            case "DECR" -> increment(exactly(1, name, words), -1);
            case "INCRBY" -> increment(words, integer(exactly(2, name, words).get(2)));
            case "DECRBY" -> increment(words, negated(integer(exactly(2, name, words).get(2))));
            case "MSET" -> pairs(name, words);
            default -> null;
        };
    }

    private static Command keyed(OpCode op, List<byte[]> words) throws Refusal {
        checkKey(words.get(1));
        return new Command(op, List.copyOf(words.subList(1, words.size())));
    }

    private static Command keys(OpCode op, List<byte[]> words) throws Refusal {
        for (int i = 1; i < words.size(); i++) {
            checkKey(words.get(i));
        }
        return new Command(op, List.copyOf(words.subList(1, words.size())));
    }

    private static Command pairs(String name, List<byte[]> words) throws Refusal {
        if (words.size() < 3 || words.size() % 2 == 0) {
            throw arity(name);
        }
        for (int i = 1; i < words.size(); i += 2) {
            checkKey(words.get(i));
        }
        return new Command(OpCode.MSET, List.copyOf(words.subList(1, words.size())));
    }

    private static Command increment(List<byte[]> words, long number) throws Refusal {
        checkKey(words.get(1));
        return new Command(OpCode.INCRBY, List.of(words.get(1)), number);
    }

    private static Request inSession(List<byte[]> words) throws Refusal {
        if (words.size() < 5) {
            throw new Refusal("BALSA.DO takes a client id, a sequence number, the highest sequence number whose reply "
                + "the client has, and a command");
        }
        final List<byte[]> inner = words.subList(4, words.size());
        final String name = name(inner);
        final Command command = fitting(name, inner);
        if (command == null) {
            throw new Refusal("BALSA.DO executes operations on the store only, not '" + name + "'");
        }
        final long sequence = number("sequence number", words.get(2));
        if (sequence < 1) {
            throw new Refusal("sequence numbers start at 1");
        }
        return new Request.InSession(number("client", words.get(1)), sequence, number("acknowledged", words.get(3)),
            command);
    }

    private static Request range(List<byte[]> words) throws Refusal {
        if (words.size() < 3 || words.size() > 4) {
            throw arity("BALSA.RANGE");
        }
        final long limit = number("limit", words.get(2));
        if (limit < 1 || limit > Limits.RANGE_KEYS) {
            throw new Refusal("limit: 1 to " + Limits.RANGE_KEYS);
        }
        return new Request.Plain(new Call.Range(words.get(1), words.size() == 4 ? words.get(3) : null, (int) limit));
    }

    private static Request scan(List<byte[]> words) throws Refusal {
        if (words.size() < 2 || words.size() % 2 != 0) {
            throw arity("SCAN");
        }
        final long cursor = number("cursor", words.get(1));
        byte[] prefix = EVERYTHING;
        long count = DEFAULT_SCAN_COUNT;
        for (int i = 2; i < words.size(); i += 2) {
            final String option = ascii(words.get(i));
            switch (option) {
                case "MATCH" -> prefix = prefix(words.get(i + 1));
                case "COUNT" -> count = number("COUNT", words.get(i + 1));
                default -> throw new Refusal("SCAN takes MATCH and COUNT, not '" + option + "'");
            }
        }
        if (count < 1) {
            throw new Refusal("COUNT: at least 1");
        }
        return new Request.Scan(cursor, prefix, (int) Math.min(count, Limits.RANGE_KEYS));
    }

    /** The literal prefix of a pattern such as {@code user:*}; a backslash takes the next byte as it is. */
    private static byte[] prefix(byte[] pattern) throws Refusal {
        final byte[] prefix = new byte[pattern.length];
        int length = 0;
        for (int i = 0; i < pattern.length; i++) {
            switch (pattern[i]) {
                case '*' -> {
                    if (i == pattern.length - 1) {
                        return Arrays.copyOf(prefix, length);
                    }
                    throw notAPrefix();
                }
                case '?', '[', ']' -> throw notAPrefix();
                case '\\' -> {
                    if (++i == pattern.length) {
                        throw notAPrefix();
                    }
                    prefix[length++] = pattern[i];
                }
                default -> prefix[length++] = pattern[i];
            }
        }
        throw notAPrefix();
    }

    private static Refusal notAPrefix() {
        return new Refusal("only patterns of the form prefix* are supported; escape * ? [ ] \\ with a backslash");
    }

    private static Request select(byte[] database) throws Refusal {
        if (!Arrays.equals(database, new byte[] {'0'})) {
            throw new Refusal("there is one database, 0");
        }
        return immediate(KvReply.Ok.OK);
    }

    private static Request config(List<byte[]> words) throws Refusal {
        if (words.size() < 2 || !ascii(words.get(1)).equals("GET")) {
            throw new Refusal("CONFIG GET only; a node is configured when it is started");
        }
        return immediate(new KvReply.Values(List.of()));
    }

    private static Request hello(List<byte[]> words) throws Refusal {
        if (words.size() > 1 && !ascii(words.get(1)).equals("2")) {
            return immediate(new KvReply.Failure(KvReply.Code.NOPROTO, "this node speaks protocol version 2"));
        }
        if (words.size() > 2) {
            throw new Refusal("HELLO takes a protocol version only");
        }
        return immediate(new KvReply.Values(List.of(bytes("server"), bytes("balsa"), bytes("proto"), bytes("2"),
            bytes("mode"), bytes("cluster"))));
    }

    private static void checkKey(byte[] key) throws Refusal {
        if (key.length > Limits.KEY_BYTES) {
            throw new Refusal(new KvReply.Failure(KvReply.Code.TOOLARGE, "a key of " + key.length
                + " bytes, the limit is " + Limits.KEY_BYTES));
        }
    }

    private static long negated(long number) throws Refusal {
        if (number == Long.MIN_VALUE) {
            throw new Refusal("decrement would overflow");
        }
        return -number;
    }

    private static long integer(byte[] text) throws Refusal {
        if (!Decimal.isNumber(text)) {
            throw new Refusal("value is not an integer or out of range");
        }
        return Decimal.parse(text);
    }

    private static long number(String what, byte[] text) throws Refusal {
        if (!Decimal.isNumber(text)) {
            throw new Refusal(what + ": not an integer or out of range");
        }
        return Decimal.parse(text);
    }

    private static List<byte[]> exactly(int arguments, String name, List<byte[]> words) throws Refusal {
        if (words.size() != arguments + 1) {
            throw arity(name);
        }
        return words;
    }

    private static List<byte[]> atLeast(int arguments, String name, List<byte[]> words) throws Refusal {
        if (words.size() < arguments + 1) {
            throw arity(name);
        }
        return words;
    }

    private static void atMost(int arguments, String name, List<byte[]> words) throws Refusal {
        if (words.size() > arguments + 1) {
            throw arity(name);
        }
    }

    private static Refusal arity(String name) {
        return new Refusal("wrong number of arguments for '" + name + "'");
    }

    private static Request immediate(KvReply reply) {
        return new Request.Immediate(reply);
    }

    private static String name(List<byte[]> words) {
        return ascii(words.get(0));
    }

    /** Upper case; what is no name at all is cut. */
    private static String ascii(byte[] word) {
        return new String(word, 0, Math.min(word.length, LONGEST_NAME), StandardCharsets.US_ASCII)
            .toUpperCase(Locale.ROOT);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Ends the parsing of one request with what to answer. */
    private static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient KvReply.Failure failure;

        Refusal(String message) {
            this(KvReply.Failure.error(message));
        }

        Refusal(KvReply.Failure failure) {
            super(failure.message(), null, false, false);
            this.failure = failure;
        }
    }
}
