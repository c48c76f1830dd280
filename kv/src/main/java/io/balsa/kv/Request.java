package io.balsa.kv;

/** What a client asks of the node it is connected to. */
sealed interface Request {
    /** Answered without asking anybody. */
    record Immediate(KvReply reply) implements Request {
    }

    /** For the leader; writes run under a session of this node. */
    record Plain(Call call) implements Request {
    }

    /** For the leader, under a session of the client. */
    record InSession(long client, long sequence, long acknowledged, Command command) implements Request {
    }

    /** All keys of a prefix, if they are not too many. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Keys(byte[] prefix) implements Request {
    }

    /** One step through the keys. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Scan(long cursor, byte[] prefix, int count) implements Request {
    }

    /** About this node's snapshots: answered by it alone, once everything before it is answered. */
    sealed interface OfSnapshots extends Request {
        /** To take one that holds entry {@code atLeast} and all before it, and to say what it is. */
        record Take(long atLeast) implements OfSnapshots {
        }

        /** Some bytes of the state in one that was taken. */
        record Fetch(long index, long offset) implements OfSnapshots {
        }

        /** As other stores call it: taken when this is answered. */
        record Save() implements OfSnapshots {
        }

        /** Likewise, and begun when this is answered. */
        record SaveInBackground() implements OfSnapshots {
        }
    }

    /** About the node or the connection. */
    enum Control implements Request {
        STATUS, INFO, DIRECT, QUIT
    }
}
