package io.balsa.raft.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A golden transcript: a text of commands to a group of real cores, and below each, indented, all they said and did in
 * answer. {@code README.txt} beside the transcripts says what the commands are.
 */
final class Scenario {
    /** A message that was sent and has not arrived. */
    private record UnderWay(int from, Server.Sent sent) {
    }

    private final Map<Integer, Server> servers = new TreeMap<>();
    private final List<UnderWay> underWay = new ArrayList<>();
    /** Reads that wait, by server: the round that must be confirmed first. */
    private final Map<Integer, Long> tickets = new TreeMap<>();
    private final StringBuilder transcript = new StringBuilder();

    /** Plays the commands of this text and returns it as it should read. */
    static String played(String text) {
        final Scenario scenario = new Scenario();
        text.lines().filter(line -> !line.startsWith("  ")).forEach(scenario::play);
        return scenario.transcript.toString();
    }

    private void play(String line) {
        transcript.append(line).append('\n');
        final String command = line.replaceFirst("#.*", "").strip();
        if (!command.isEmpty()) {
            try {
                obey(command.split("[ ,]+"));
            } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
                throw new IllegalArgumentException("not understood: '" + line + "' (" + e.getMessage() + ")", e);
            }
            servers.values().forEach(this::listen);
        }
    }

    private void obey(String... words) {
        if (words[0].equals("group")) {
            group(Integer.parseInt(words[1]), List.of(words).subList(2, words.length));
            return;
        }
        final List<Server> who = named(words[0]);
        switch (words[1]) {
            case "->", "+>", "-x" -> {
                final List<Server> to = new ArrayList<>();
                Arrays.stream(words).skip(2).forEach(name -> to.addAll(named(name)));
                to.forEach(receiver -> arrive(who, receiver, words[1]));
            }
            case "log" -> who.forEach(server -> server.withLogTerms(numbers(words)));
            case "compacted" -> who.forEach(server -> server.compactedTo(Integer.parseInt(words[2])));
            case "compacts" -> who.forEach(server -> compact(server, Integer.parseInt(words[2])));
            case "term" -> who.forEach(server -> server.inTerm(Long.parseLong(words[2])));
            case "waits", "wait" -> who.forEach(server -> server.waits(Long.parseLong(words[2])));
            case "proposes" -> who.forEach(server -> server.proposes(Integer.parseInt(words[2])));
            case "forces", "force" -> who.forEach(Server::persists);
            case "restarts", "restart" -> who.forEach(this::restart);
            case "reads" -> who.forEach(this::read);
            case "shows", "show" -> who.forEach(this::show);
            default -> throw new IllegalArgumentException("there is no '" + words[1] + "'");
        }
    }

    private void group(int size, List<String> rules) {
        for (int id = 1; id <= size; id++) {
            final Server server = Server.server(id).of(size);
            for (final String rule : rules) {
                switch (rule) {
                    case "pre-vote" -> server.withPreVote();
                    case "check-quorum" -> server.withCheckQuorum();
                    case "no-op" -> server.withNoOp();
                    default -> throw new IllegalArgumentException("there is no rule '" + rule + "'");
                }
            }
            servers.put(id, server);
        }
    }

    private List<Server> named(String name) {
        if (name.equals("all")) {
            return List.copyOf(servers.values());
        }
        final Server server = servers.get(Integer.parseInt(name.substring(1)));
        if (server == null || !name.startsWith("s")) {
            throw new IllegalArgumentException("there is no server '" + name + "'");
        }
        return List.of(server);
    }

    private static long[] numbers(String... words) {
        return Arrays.stream(words).skip(2).mapToLong(Long::parseLong).toArray();
    }

    /** What these have sent the receiver arrives in one cycle; with +> not for the last time; with -x it is lost. */
    private void arrive(List<Server> senders, Server receiver, String how) {
        final List<Message> messages = new ArrayList<>();
        for (final Iterator<UnderWay> each = underWay.iterator(); each.hasNext();) {
            final UnderWay message = each.next();
            if (message.sent.to() == receiver.id && senders.contains(servers.get(message.from))) {
                messages.add(message.sent.message());
                if (!how.equals("+>")) {
                    each.remove();
                }
            }
        }
        if (!how.equals("-x") && !messages.isEmpty()) {
            receiver.hears(messages.toArray(Message[]::new));
        }
    }

    private static void compact(Server server, int index) {
        server.snapshots(index).compacts(index);
    }

    private void restart(Server server) {
        server.crashesAndRestarts();
        underWay.removeIf(message -> message.from == server.id || message.sent.to() == server.id);
    }

    private void read(Server server) {
        final long ticket = server.core().requestRead();
        if (ticket == RaftCore.NOT_LEADER) {
            say(server, "does not lead, so it serves no read");
            return;
        }
        tickets.put(server.id, ticket);
        say(server, "will read at index " + server.core().readIndex() + " once a majority confirms a round begun now");
        server.waits(0);
    }

    private void show(Server server) {
        final RaftCore core = server.core();
        say(server, core.role().name().toLowerCase(Locale.ROOT) + " in term " + core.currentTerm() + ", log ["
            + IntStream.range(0, server.logTerms().length).mapToObj(i -> i < server.baseIndex() ? "."
                : Long.toString(server.logTerms()[i])).collect(Collectors.joining(" "))
            + "], durable " + core.persistedIndex() + ", committed " + core.commitIndex());
    }

    /** Writes down what this server said and did since the last look, messages in the order of their receivers. */
    private void listen(Server server) {
        server.outbox.stream().sorted(Comparator.comparingInt(Server.Sent::to))
            .forEach(sent -> underWay.add(new UnderWay(server.id, sent)));
        server.takesLines().forEach(line -> {
            if (line.equals("reads confirmed")) {
                tellOfReads(server);
            } else if (line.startsWith("to ")) {
                transcript.append("  s").append(server.id).append(" -> s").append(line.substring(3)).append('\n');
            } else {
                say(server, line);
            }
        });
    }

    private void tellOfReads(Server server) {
        final Long ticket = tickets.get(server.id);
        if (ticket != null && server.confirmedRound() >= ticket) {
            tickets.remove(server.id);
            say(server, "still leads, the read is confirmed");
        }
    }

    private void say(Server server, String what) {
        transcript.append("  s").append(server.id).append(": ").append(what).append('\n');
    }
}
