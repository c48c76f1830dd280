package io.balsa.aeron;

/** Answers what other links ask, see {@link RequestLink}. */
@FunctionalInterface
public interface RequestHandler {
    /** Answers nothing. */
    RequestHandler NONE = (request, reply) -> { };

    /**
     * Called on the link's thread, so it must neither block nor compute for long; what it throws ends the link.
     *
     * @param request the handler's own from here on
     * @param reply   answers it, now or later, from any thread; not at all where nothing can be said
     */
    void onRequest(byte[] request, Reply reply);

    /** The way back to whoever asked. */
    @FunctionalInterface
    interface Reply {
        /**
         * Sends the answer, once.
         *
         * @throws IllegalArgumentException when it is longer than {@link RequestLink#MAX_MESSAGE}
         */
        void send(byte[] answer);
    }
}
