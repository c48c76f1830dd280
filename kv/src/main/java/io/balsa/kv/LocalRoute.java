package io.balsa.kv;

/** To the replica in this process. */
final class LocalRoute implements Route {
    private final Replica replica;
    private final KvStateMachine machine;
    private final CommandEncoder encoder = new CommandEncoder();
    /** One question serves all reads of a round: it is asked after all of them arrived. */
    private LocalReadable readable;

    LocalRoute(Replica replica, KvStateMachine machine) {
        this.replica = replica;
        this.machine = machine;
    }

    @Override
    public Attempt submit(long client, long sequence, long acknowledged, Command command) {
        return offer(encoder.execute(client, sequence, acknowledged, command));
    }

    @Override
    public Attempt submit(Call call) {
        return switch (call) {
            case Call.OpenSession open -> offer(encoder.open());
            case Call.CloseSession close -> offer(encoder.close(close.client()));
            case Call.Look look -> look(look);
            case Call.Update update -> throw new IllegalArgumentException("an update needs a session");
        };
    }

    @Override
    public void flush() {
        // offered is sent
    }

    @Override
    public void close() {
        readable = null;
    }

    private Attempt offer(int length) {
        final LocalWrite write = new LocalWrite();
        write.taken(replica.offer(encoder.buffer(), 0, length, write));
        return write;
    }

    private Attempt look(Call.Look look) {
        if (readable == null) {
            readable = new LocalReadable();
            readable.taken(replica.offerRead(readable));
        }
        return new LocalLook(readable, look, machine);
    }

    /** Evaluated only when awaited: by then this connection's earlier writes are applied here. */
    private record LocalLook(LocalReadable readable, Call.Look look, KvStateMachine machine) implements Attempt {
        @Override
        public boolean isRefused() {
            return readable.isRefused();
        }

        @Override
        public Result await(long deadlineNs) {
            final Result result = readable.await(deadlineNs);
            return result instanceof Result.Answered(KvReply.Int(long readIndex))
                ? new Result.Answered(look.at(machine.view(), readIndex)) : result;
        }
    }
}
