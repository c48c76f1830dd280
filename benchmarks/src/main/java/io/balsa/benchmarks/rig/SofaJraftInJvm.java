package io.balsa.benchmarks.rig;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Iterator;
import com.alipay.sofa.jraft.Node;
import com.alipay.sofa.jraft.RaftGroupService;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.closure.ReadIndexClosure;
import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.core.DefaultJRaftServiceFactory;
import com.alipay.sofa.jraft.core.StateMachineAdapter;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.entity.Task;
import com.alipay.sofa.jraft.option.NodeOptions;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.storage.LogStorage;
import com.alipay.sofa.jraft.storage.log.RocksDBSegmentLogStorage;

/** SOFAJRaft with its segment log, pipelined replication and, for reads, ReadIndex: all but the log its defaults. */
final class SofaJraftInJvm implements Subject {
    private static final String GROUP = "rig";
    private static final byte[] NO_CONTEXT = new byte[0];

    private final Path dir;
    private final boolean forced;
    private final List<RaftGroupService> services = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private Answers answers;
    private Node leader;

    SofaJraftInJvm(Path dir, boolean forced) {
        this.dir = dir;
        this.forced = forced;
    }

    @Override
    public void start(Answers answers) throws InterruptedException {
        this.answers = answers;
        for (int id = 0; id < NODES; id++) {
            final RaftGroupService service = new RaftGroupService(GROUP, peer(id),
                options(dir.resolve("node" + id), forced, new Replica()));
            services.add(service);
            nodes.add(service.start());
        }
        leader = Await.first(nodes, Node::isLeader, "a leader");
    }

    static PeerId peer(int id) {
        return new PeerId("127.0.0.1", Ports.FIRST + 10 * id);
    }

    static NodeOptions options(Path home, boolean forced, StateMachineAdapter replica) {
        final Configuration members = new Configuration();
        for (int id = 0; id < NODES; id++) {
            members.addPeer(peer(id));
        }
        final NodeOptions options = new NodeOptions();
        options.setInitialConf(members);
        options.setFsm(replica);
        options.setLogUri(home.resolve("log").toString());
        options.setRaftMetaUri(home.resolve("meta").toString());
        options.setDisableCli(true);
        options.setServiceFactory(new SegmentLog());
        final RaftOptions raft = options.getRaftOptions();
        raft.setSync(forced);
        raft.setSyncMeta(forced);
        home.toFile().mkdirs();
        return options;
    }

    @Override
    public boolean propose(int slot, Command command) {
        leader.apply(new Task(ByteBuffer.wrap(command.bytes()), status -> answer(slot, status)));
        return true;
    }

    @Override
    public boolean read(int slot) {
        leader.readIndex(NO_CONTEXT, new ReadIndexClosure() {
            @Override
            public void run(Status status, long index, byte[] context) {
                answer(slot, status);
            }
        });
        return true;
    }

    private void answer(int slot, Status status) {
        if (status.isOk()) {
            answers.done(slot);
        } else {
            answers.failed(slot, status.toString());
        }
    }

    @Override
    public void close() throws InterruptedException {
        services.forEach(RaftGroupService::shutdown);
        for (RaftGroupService service : services) {
            service.join();
        }
    }

    private static final class SegmentLog extends DefaultJRaftServiceFactory {
        @Override
        public LogStorage createLogStorage(String uri, RaftOptions options) {
            return new RocksDBSegmentLogStorage(uri, options);
        }
    }

    private static final class Replica extends StateMachineAdapter {
        private final SmallMap map = new SmallMap();

        @Override
        public void onApply(Iterator entries) {
            while (entries.hasNext()) {
                map.put(entries.getData());
                final Closure done = entries.done();
                if (done != null) {
                    done.run(Status.OK());
                }
                entries.next();
            }
        }
    }
}
