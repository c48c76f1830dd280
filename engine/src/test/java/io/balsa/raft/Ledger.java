package io.balsa.raft;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.balsa.raft.spi.StateMachine;
import org.agrona.DirectBuffer;

/** Remembers the index of every command, and carries as many bytes beside as it is told to. */
final class Ledger implements StateMachine<Long> {
    private final int ballast;
    /** The state. */
    private List<Long> entries = new ArrayList<>();
    private int fill;

    /** What this process was shown since it started, restored states left out. */
    final List<Long> applied = new ArrayList<>();
    int restored;
    boolean freezes = true;
    RuntimeException thrownByFreeze;
    Exception thrownByView;
    IOException thrownByRestore;
    long hashIsOffBy;

    Ledger(int ballast) {
        this.ballast = ballast;
    }

    /** Its ballast is another than that of members with equal entries: only a digest of the bytes sees it. */
    void fillWith(int other) {
        fill = other;
    }

    List<Long> entries() {
        return entries;
    }

    @Override
    public Long apply(long index, long term, DirectBuffer command, int offset, int length) {
        applied.add(index);
        entries.add(index);
        return index;
    }

    @Override
    public long stateHash() {
        return 1 + entries.hashCode() + hashIsOffBy;
    }

    @Override
    public Optional<View> freeze() {
        if (thrownByFreeze != null) {
            throw thrownByFreeze;
        }
        return freezes ? Optional.of(viewOf(List.copyOf(entries))) : Optional.empty();
    }

    private View viewOf(List<Long> frozen) {
        return stream -> {
            if (thrownByView instanceof IOException failed) {
                throw failed;
            } else if (thrownByView instanceof RuntimeException failed) {
                throw failed;
            }
            final DataOutputStream out = new DataOutputStream(stream);
            out.writeInt(frozen.size());
            for (final long index : frozen) {
                out.writeLong(index);
            }
            for (int i = 0; i < ballast; i++) {
                out.writeByte(i * 31 + fill);
            }
        };
    }

    /** What a view of this wrote. */
    static List<Long> entriesIn(InputStream state) throws IOException {
        final DataInputStream in = new DataInputStream(state);
        final List<Long> read = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            read.add(in.readLong());
        }
        return read;
    }

    @Override
    public void restore(InputStream state) throws IOException {
        if (thrownByRestore != null) {
            throw thrownByRestore;
        }
        entries = entriesIn(state);
        restored++;
    }
}
