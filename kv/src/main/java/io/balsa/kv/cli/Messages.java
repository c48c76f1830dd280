package io.balsa.kv.cli;

/** What a person reads on stderr, one line each, while stdout carries results alone. */
final class Messages {
    private Messages() {
    }

    static void info(String message) {
        System.err.println("balsa: " + message);
    }

    static void error(String message) {
        System.err.println("balsa: " + message.lines().findFirst().orElse("no reason was given"));
    }
}
