package io.balsa.kv.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the JSON that nodes answer a status request with (RFC 8259): objects as maps in order, arrays as lists,
 * integers as {@link Long}, other numbers as {@link Double}, and strings, booleans and null as themselves.
 */
final class JsonReader {
    private final String text;
    private int at;

    private JsonReader(String text) {
        this.text = text;
    }

    /**
     * Reads one object and nothing after it.
     *
     * @throws IllegalArgumentException when {@code text} is not one JSON object
     */
    static Map<String, Object> object(String text) {
        final JsonReader reader = new JsonReader(text);
        reader.skipBlank();
        final Map<String, Object> object = reader.readObject();
        reader.skipBlank();
        if (reader.at != text.length()) {
            throw reader.unexpected();
        }
        return object;
    }

    private Object readValue() {
        skipBlank();
        return switch (peek()) {
            case '{' -> readObject();
            case '[' -> readArray();
            case '"' -> readString();
            case 't' -> readWord("true", true);
            case 'f' -> readWord("false", false);
            case 'n' -> readWord("null", null);
            default -> readNumber();
        };
    }

    private Map<String, Object> readObject() {
        final Map<String, Object> members = new LinkedHashMap<>();
        take('{');
        skipBlank();
        if (peek() == '}') {
            at++;
            return members;
        }
        do {
            skipBlank();
            final String name = readString();
            skipBlank();
            take(':');
            members.put(name, readValue());
            skipBlank();
        } while (takeCommaOr('}'));
        return members;
    }

    private List<Object> readArray() {
        final List<Object> elements = new ArrayList<>();
        take('[');
        skipBlank();
        if (peek() == ']') {
            at++;
            return elements;
        }
        do {
            elements.add(readValue());
            skipBlank();
        } while (takeCommaOr(']'));
        return elements;
    }

    private String readString() {
        take('"');
        final StringBuilder value = new StringBuilder();
        while (peek() != '"') {
            final char c = text.charAt(at++);
            value.append(c == '\\' ? readEscape() : c);
        }
        at++;
        return value.toString();
    }

    private char readEscape() {
        final char c = peek();
        at++;
        return switch (c) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                if (at + 4 > text.length()) {
                    throw unexpected();
                }
                at += 4;
                yield (char) Integer.parseInt(text, at - 4, at, 16);
            }
            case '"', '\\', '/' -> c;
            default -> throw unexpected();
        };
    }

    private Object readWord(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw unexpected();
        }
        at += word.length();
        return value;
    }

    private Object readNumber() {
        final int start = at;
        while (at < text.length() && "+-.0123456789eE".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        final String number = text.substring(start, at);
        if (number.isEmpty()) {
            throw unexpected();
        }
        if (number.chars().allMatch(c -> c == '-' || (c >= '0' && c <= '9'))) {
            return Long.valueOf(number);
        }
        return Double.valueOf(number);
    }

    private void skipBlank() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private char peek() {
        if (at >= text.length()) {
            throw unexpected();
        }
        return text.charAt(at);
    }

    private void take(char expected) {
        if (peek() != expected) {
            throw unexpected();
        }
        at++;
    }

    private boolean takeCommaOr(char end) {
        final char c = peek();
        if (c != ',' && c != end) {
            throw unexpected();
        }
        at++;
        return c == ',';
    }

    private IllegalArgumentException unexpected() {
        return new IllegalArgumentException(at >= text.length()
            ? "the JSON ends at character " + at + " in the middle of a value"
            : "unexpected '" + text.charAt(at) + "' at character " + at + " of the JSON");
    }
}
