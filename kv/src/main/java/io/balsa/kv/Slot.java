package io.balsa.kv;

/** One request of a pipeline on its way to an answer. */
final class Slot {
    /** What must be asked; null when {@link #reply} was known from the start. */
    final Call call;
    /** Whether the numbers below are this node's to choose. */
    final boolean numberedHere;
    long client;
    /** 0 until one is assigned. */
    long sequence;
    long acknowledged;
    /** Some attempt may have been, or may yet be, executed. */
    boolean unknown;
    /** Under way in this round. */
    Attempt attempt;
    /** The answer, once known. */
    KvReply reply;

    private Slot(Call call, boolean numberedHere) {
        this.call = call;
        this.numberedHere = numberedHere;
    }

    static Slot answered(KvReply reply) {
        final Slot slot = new Slot(null, false);
        slot.reply = reply;
        return slot;
    }

    static Slot of(Call call) {
        return new Slot(call, call instanceof Call.Update);
    }

    static Slot inSession(Request.InSession request) {
        final Slot slot = new Slot(new Call.Update(request.command()), false);
        slot.client = request.client();
        slot.sequence = request.sequence();
        slot.acknowledged = request.acknowledged();
        return slot;
    }

    /** Trying these twice does no harm: nothing is read from a log entry, and a session too many expires. */
    boolean isHarmless() {
        return call instanceof Call.Look || call instanceof Call.OpenSession;
    }

    /** Whether the log keeps this behind the write submitted before it, whatever becomes of either. */
    boolean mayFollow(Slot write) {
        return write == null || isHarmless()
            || (call instanceof Call.Update && write.call instanceof Call.Update && client == write.client);
    }

    boolean needsNumber() {
        return reply == null && numberedHere && sequence == 0;
    }

    boolean isNumberedHere() {
        return reply == null && numberedHere && sequence != 0;
    }

    void forgetNumber() {
        client = 0;
        sequence = 0;
        unknown = false;
    }
}
