package io.balsa.benchmarks.rig;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;

import org.apache.ratis.client.RaftClient;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;

/** Apache Ratis and its client, which goes over the network in either layout. */
final class RatisSubject implements Subject {
    private final Nodes nodes;
    private final Layout layout;
    private final Message question = Message.valueOf(ByteString.EMPTY);
    private Answers answers;
    private RaftClient client;

    RatisSubject(Nodes nodes, Layout layout) {
        this.nodes = nodes;
        this.layout = layout;
    }

    @Override
    public void start(Answers answers) throws Exception {
        this.answers = answers;
        nodes.start();
        client = RaftClient.newBuilder().setProperties(RatisNode.properties(layout)).setRaftGroup(RatisNode.group())
            .build();
    }

    @Override
    public boolean propose(int slot, Command command) {
        return answered(slot, client.async().send(Message.valueOf(UnsafeByteOperations.unsafeWrap(command.bytes()))));
    }

    @Override
    public boolean read(int slot) {
        return answered(slot, client.async().sendReadOnly(question));
    }

    private boolean answered(int slot, CompletableFuture<RaftClientReply> reply) {
        reply.whenComplete((answer, failure) -> {
            if (failure == null && answer.isSuccess()) {
                answers.done(slot);
            } else {
                answers.failed(slot, String.valueOf(failure == null ? answer : failure));
            }
        });
        return true;
    }

    @Override
    public int leader() {
        return Integer.parseInt(client.getLeaderId().toString().substring(1));
    }

    @Override
    public long otherCpuNs() {
        return nodes.otherCpuNs();
    }

    @Override
    public void close() throws IOException {
        client.close();
        nodes.close();
    }
}
