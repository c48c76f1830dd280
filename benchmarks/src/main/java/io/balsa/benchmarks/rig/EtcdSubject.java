package io.balsa.benchmarks.rig;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

import org.apache.ratis.thirdparty.io.grpc.CallOptions;
import org.apache.ratis.thirdparty.io.grpc.ManagedChannel;
import org.apache.ratis.thirdparty.io.grpc.MethodDescriptor;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyChannelBuilder;
import org.apache.ratis.thirdparty.io.grpc.stub.ClientCalls;
import org.apache.ratis.thirdparty.io.grpc.stub.StreamObserver;

/**
 * etcd, three processes, and its own API over one gRPC connection to the leader, without a client library between. It
 * always forces to disk.
 */
final class EtcdSubject implements Subject {
    private static final MethodDescriptor<byte[], byte[]> PUT = method("Put");
    private static final MethodDescriptor<byte[], byte[]> RANGE = method("Range");
    private static final int KEY_BYTES = Long.BYTES;
    private static final byte FIRST_FIELD = 1 << 3 | 2;
    private static final byte SECOND_FIELD = 2 << 3 | 2;
    private static final long LOOK_AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(5);

    private final Nodes nodes;
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofMillis(50)).build();
    private Answers answers;
    private ManagedChannel channel;
    private int leader = -1;
    private volatile boolean refused;
    private long lookAgainNs = System.nanoTime();

    EtcdSubject(Nodes nodes) {
        this.nodes = nodes;
    }

    private static MethodDescriptor<byte[], byte[]> method(String name) {
        return MethodDescriptor.<byte[], byte[]>newBuilder().setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("etcdserverpb.KV/" + name).setRequestMarshaller(new Bytes())
            .setResponseMarshaller(new Bytes()).build();
    }

    @Override
    public void start(Answers answers) throws Exception {
        this.answers = answers;
        nodes.start();
    }

    @Override
    public boolean propose(int slot, Command command) {
        return call(slot, PUT, message(Arrays.copyOf(command.bytes(), KEY_BYTES), command.bytes()));
    }

    @Override
    public boolean read(int slot) {
        return call(slot, RANGE, message(new byte[KEY_BYTES], new byte[0]));
    }

    /** A protobuf message of one or two fields of bytes. */
    private static byte[] message(byte[] first, byte[] second) {
        final ByteBuffer message = ByteBuffer.allocate(first.length + second.length + 2 + 2 * Integer.BYTES);
        field(message, FIRST_FIELD, first);
        if (second.length > 0) {
            field(message, SECOND_FIELD, second);
        }
        return Arrays.copyOf(message.array(), message.position());
    }

    private static void field(ByteBuffer message, byte tag, byte[] value) {
        message.put(tag);
        int length = value.length;
        while (length > 0x7F) {
            message.put((byte) (length & 0x7F | 0x80));
            length >>>= 7;
        }
        message.put((byte) length).put(value);
    }

    private boolean call(int slot, MethodDescriptor<byte[], byte[]> method, byte[] request) {
        if (refused) {
            refused = false;
            disconnect();
        }
        if (channel == null && !findLeader()) {
            return false;
        }
        ClientCalls.asyncUnaryCall(channel.newCall(method, CallOptions.DEFAULT), request, new Answer(slot));
        return true;
    }

    private boolean findLeader() {
        if (System.nanoTime() - lookAgainNs < 0) {
            return false;
        }
        for (int id = 0; id < NODES && channel == null; id++) {
            if (leads(id)) {
                leader = id;
                channel = NettyChannelBuilder.forAddress("127.0.0.1", Ports.of(id, 0)).usePlaintext().build();
            }
        }
        lookAgainNs = System.nanoTime() + LOOK_AGAIN_NS;
        return channel != null;
    }

    private boolean leads(int id) {
        try {
            return http.send(HttpRequest.newBuilder(URI.create("http://" + EtcdProgram.client(id) + "/metrics"))
                .timeout(Duration.ofMillis(200)).build(), HttpResponse.BodyHandlers.ofString()).body()
                .contains("\netcd_server_is_leader 1\n");
        } catch (IOException down) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while looking for etcd's leader", e);
        }
    }

    private void disconnect() {
        if (channel != null) {
            channel.shutdownNow();
            channel = null;
        }
    }

    @Override
    public int leader() {
        return leader;
    }

    @Override
    public long otherCpuNs() {
        return nodes.otherCpuNs();
    }

    @Override
    public void close() throws IOException {
        disconnect();
        nodes.close();
    }

    private final class Answer implements StreamObserver<byte[]> {
        private final int slot;

        Answer(int slot) {
            this.slot = slot;
        }

        @Override
        public void onNext(byte[] response) {
            answers.done(slot);
        }

        @Override
        public void onError(Throwable failure) {
            refused = true;
            answers.failed(slot, failure.toString());
        }

        @Override
        public void onCompleted() {
        }
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
