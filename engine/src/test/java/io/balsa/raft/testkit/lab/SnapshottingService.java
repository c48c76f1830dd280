package io.balsa.raft.testkit.lab;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.testkit.LabService;
import io.balsa.raft.testkit.checks.Violation;
import org.agrona.DirectBuffer;

/**
 * The service of lab 2D. It has its state written down after every tenth index: that index and all values so far. What
 * it is given to install is checked against what others applied. When it starts it looks for its snapshot itself, so
 * that Raft has to go on at the index that follows, no earlier and no later.
 */
final class SnapshottingService implements StateMachine<Long> {
    /** A snapshot is taken after every index that is one less than a multiple of this. */
    static final int INTERVAL = 10;

    private final AppliedLog applied;
    private final int server;
    private final List<String> commands;
    private final LabService.Snapshots snapshots;
    private final Optional<List<String>> found;
    private CompletableFuture<Long> taking = CompletableFuture.completedFuture(0L);
    private boolean mayBeLate;
    private boolean hasStarted;

    SnapshottingService(AppliedLog applied, int server, List<String> commands, LabService.Snapshots snapshots) {
        this.applied = applied;
        this.server = server;
        this.commands = commands;
        this.snapshots = snapshots;
        found = snapshots.newest().map(state -> {
            try {
                return decode(new ByteArrayInputStream(state));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        found.ifPresent(values -> applied.install(server, commands, values));
    }

    @Override
    public Long apply(long index, long term, DirectBuffer command, int offset, int length) {
        requireGivenWhatItFound();
        final Long answer = applied.apply(server, commands, index, AppliedLog.text(command, offset, length));
        if ((index + 1) % INTERVAL == 0) {
            mayBeLate = !taking.isDone();
            taking = snapshots.take();
        }
        return answer;
    }

    @Override
    public Optional<View> freeze() {
        final List<String> values = applied.copy(commands);
        if ((values.size() + 1) % INTERVAL != 0 && !mayBeLate) {
            throw broken("is asked for its state after index " + values.size());
        }
        return Optional.of(out -> encode(values, out));
    }

    @Override
    public void restore(InputStream state) throws IOException {
        final List<String> values = decode(state);
        if (hasStarted || found.isEmpty()) {
            if (values.size() <= commands.size()) {
                throw broken("is given the state after index " + values.size() + ", it has applied "
                    + commands.size());
            }
            mayBeLate = true;
        } else if (!found.get().equals(values)) {
            throw broken("starts from the state after index " + values.size() + ", on its disk is that after "
                + commands.size());
        }
        hasStarted = true;
        applied.install(server, commands, values);
    }

    private void requireGivenWhatItFound() {
        if (!hasStarted && found.isPresent()) {
            throw broken("is shown a command before the snapshot of index " + commands.size()
                + " that was on its disk when it started");
        }
        hasStarted = true;
    }

    private Violation broken(String what) {
        return applied.remember(new Violation("n" + server + " " + what));
    }

    private static void encode(List<String> values, OutputStream stream) throws IOException {
        final DataOutputStream out = new DataOutputStream(stream);
        out.writeInt(values.size());
        for (final String value : values) {
            out.writeUTF(value);
        }
        out.flush();
    }

    private static List<String> decode(InputStream stream) throws IOException {
        final DataInputStream in = new DataInputStream(stream);
        final int index = in.readInt();
        final List<String> values = new ArrayList<>();
        for (int i = 0; i < index; i++) {
            values.add(in.readUTF());
        }
        if (in.read() >= 0) {
            throw new EOFException("the state after index " + index + " has more than " + index + " values");
        }
        return values;
    }
}
