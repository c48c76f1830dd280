package io.balsa.kv;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.balsa.kv.Request.Control;

/**
 * One client's connection: reads what has come, has it answered in order, and again. It reads on only when all it read
 * before is answered and written, so a client that does not take its replies is not listened to either.
 */
final class ClientConnection implements Runnable {
    private static final int READ_BYTES = 16 << 10;
    private static final int BATCH_REQUESTS = 1_024;
    private static final int BATCH_BYTES = 1 << 20;
    private static final int FAREWELL_BYTES = 1 << 20;
    private static final int FAREWELL_MS = 1_000;

    /** How a reply is shown, where it is not as it comes. */
    private enum Shape { AS_IT_IS, KEYS, SCAN }

    private final Socket socket;
    private final RespServer.Shared shared;
    private final Pipeline pipeline;
    private final byte[] read = new byte[READ_BYTES];
    private final List<Slot> slots = new ArrayList<>();
    private final List<RequestReader.RawRequest> held = new ArrayList<>();
    private final RequestReader requests;
    private final SnapshotDesk snapshots;
    private Shape lastShape = Shape.AS_IT_IS;
    /** Asked last in this batch, and answered after everything else in it. */
    private Request.OfSnapshots ofSnapshots;
    private boolean becomesDirect;
    private boolean quit;
    private RespWriter writer;

    ClientConnection(Socket socket, RespServer.Shared shared) {
        this.socket = socket;
        this.shared = shared;
        this.requests = new RequestReader(shared.budget());
        this.snapshots = new SnapshotDesk(shared.replica(), shared.snapshots(), shared.requestDeadlineNs());
        this.pipeline = new Pipeline(shared.router(), shared.sessions(), shared.requestDeadlineNs());
    }

    @Override
    public void run() {
        try (socket) {
            socket.setTcpNoDelay(true);
            writer = new RespWriter(socket.getOutputStream());
            final boolean understood = serve(socket.getInputStream());
            pipeline.close(); // before the client can see the end, and come back for the session
            if (!understood) {
                letItReadTheError();
            }
        } catch (IOException e) {
            // the client is gone; nobody is left to be told
        } finally {
            pipeline.close();
            snapshots.close();
            releaseHeld();
            requests.close();
        }
    }

    /** Serves until the client goes. @return false when it said what cannot be understood, and was told so */
    private boolean serve(InputStream in) throws IOException {
        ProtocolException broken = null;
        while (!quit && broken == null) {
            try {
                collect(in);
            } catch (ProtocolException e) {
                broken = e; // everything before it is answered first
            }
            pipeline.run(slots, this::answer);
            if (becomesDirect) {
                pipeline.direct();
            }
            if (ofSnapshots != null) {
                writer.flush(); // what was before need not wait for a snapshot
                writer.reply(snapshots.answer(ofSnapshots));
                ofSnapshots = null;
            }
            if (broken != null) {
                writer.reply(KvReply.Failure.error(broken.getMessage()));
            }
            writer.flush();
            slots.clear();
            releaseHeld();
        }
        return broken == null;
    }

    /** Takes what a client still sends: closing before that would cut the connection, and the error with it. */
    private void letItReadTheError() throws IOException {
        socket.shutdownOutput();
        socket.setSoTimeout(FAREWELL_MS);
        final InputStream in = socket.getInputStream();
        int left = FAREWELL_BYTES;
        for (int length = in.read(read); length >= 0 && left > 0; length = in.read(read)) {
            left -= length;
        }
    }

    /** Waits for at least one request, then takes all that is there, within bounds. */
    private void collect(InputStream in) throws IOException {
        lastShape = Shape.AS_IT_IS;
        int bytes = 0;
        int lastWrite = -1;
        boolean more = true;
        while (more && slots.size() < BATCH_REQUESTS && bytes < BATCH_BYTES) {
            final RequestReader.RawRequest raw = requests.next();
            if (raw != null) {
                held.add(raw);
                bytes += raw.bytes();
                more = accept(RequestParser.parse(raw));
                final Call call = slots.isEmpty() ? null : slots.getLast().call;
                lastWrite = call != null && !(call instanceof Call.Look) ? slots.size() - 1 : lastWrite;
            } else if (slots.isEmpty() || in.available() > 0) {
                final int length = in.read(read);
                if (length < 0) {
                    quit = true;
                    break;
                }
                requests.feed(read, length);
            } else {
                more = false;
            }
        }
        // A view taken when its turn comes may show a write that comes later in this batch: such a read goes through
        // the log, in order.
        for (int i = 0; i < lastWrite; i++) {
            if (slots.get(i).call instanceof Call.Point point) {
                slots.set(i, Slot.of(new Call.Update(point.command())));
            }
        }
    }

    /** @return false when the batch ends with this request */
    private boolean accept(Request request) {
        switch (request) {
            case Request.Immediate immediate -> slots.add(Slot.answered(immediate.reply()));
            case Request.InSession inSession -> slots.add(Slot.inSession(inSession));
            case Request.Plain plain -> {
                slots.add(Slot.of(plain.call()));
                return !(plain.call() instanceof Call.Range || plain.call() instanceof Call.Size);
            }
            case Request.Keys keys -> {
                slots.add(Slot.of(new Call.Range(keys.prefix(), null, Limits.RANGE_KEYS)));
                lastShape = Shape.KEYS;
                return false;
            }
            case Request.Scan scan -> {
                acceptScan(scan);
                return false;
            }
            case Request.OfSnapshots asked -> {
                ofSnapshots = asked;
                return false;
            }
            case Control control -> {
                return accept(control);
            }
        }
        return true;
    }

    private void acceptScan(Request.Scan scan) {
        final Optional<byte[]> after = scan.cursor() == 0
            ? Optional.empty() : shared.cursors().lastKey(scan.cursor());
        if (scan.cursor() != 0 && after.isEmpty()) {
            slots.add(Slot.answered(KvReply.Failure.error("cursor " + scan.cursor()
                + " is not known at this node, it is too old or of another node; start again with SCAN 0")));
        } else {
            slots.add(Slot.of(new Call.Range(scan.prefix(), after.orElse(null), scan.count())));
            lastShape = Shape.SCAN;
        }
    }

    private boolean accept(Control control) {
        switch (control) {
            case STATUS -> slots.add(Slot.answered(text(StatusText.json(shared.replica().status(),
                shared.replica().standing(), shared.machine().sessionCount(), shared.machine().view().map().size()))));
            case INFO -> slots.add(Slot.answered(text(StatusText.info(shared.replica().status(),
                shared.machine().sessionCount(), shared.machine().view().map().size()))));
            case DIRECT -> {
                becomesDirect = true;
                slots.add(Slot.answered(KvReply.Ok.OK));
            }
            case QUIT -> {
                quit = true;
                slots.add(Slot.answered(KvReply.Ok.OK));
            }
        }
        return control == Control.STATUS || control == Control.INFO;
    }

    private void answer(int position, KvReply reply) throws IOException {
        final Shape shape = position == slots.size() - 1 ? lastShape : Shape.AS_IT_IS;
        if (shape == Shape.AS_IT_IS || !(reply instanceof KvReply.Values range)) {
            writer.reply(reply);
            return;
        }
        final List<byte[]> keys = range.values().subList(1, range.values().size());
        final boolean more = range.values().get(0)[0] == '1';
        if (shape == Shape.SCAN) {
            writer.array(2);
            writer.bulk(Decimal.format(more ? shared.cursors().remember(keys.getLast()) : 0));
            writer.strings(keys);
        } else if (more) {
            writer.reply(KvReply.Failure.error("more than " + Limits.RANGE_KEYS + " keys, or " + Limits.RANGE_BYTES
                + " bytes of them; use SCAN"));
        } else {
            writer.strings(keys);
        }
    }

    private void releaseHeld() {
        held.forEach(requests::release);
        held.clear();
    }

    private static KvReply text(String text) {
        return new KvReply.Bulk(text.getBytes(StandardCharsets.UTF_8));
    }
}
