package io.balsa.benchmarks.rig;

import java.nio.ByteBuffer;

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

/** A node of SOFAJRaft: segment log, pipelined replication, ReadIndex reads; all but the log are its defaults. */
final class SofaJraftMember implements Member {
    private static final byte[] NO_CONTEXT = new byte[0];

    private final Answers answers;
    private final RaftGroupService service;
    private final Node node;

    SofaJraftMember(int id, Setting setting, Answers answers) {
        this.answers = answers;
        setting.home(id).toFile().mkdirs();
        service = new RaftGroupService("rig", peer(id), options(id, setting));
        node = service.start();
    }

    private static PeerId peer(int id) {
        return new PeerId("127.0.0.1", Ports.of(id, 0));
    }

    private static NodeOptions options(int id, Setting setting) {
        final Configuration members = new Configuration();
        for (int member = 0; member < Subject.NODES; member++) {
            members.addPeer(peer(member));
        }
        final NodeOptions options = new NodeOptions();
        options.setInitialConf(members);
        options.setFsm(new Replica());
        options.setLogUri(setting.home(id).resolve("log").toString());
        options.setRaftMetaUri(setting.home(id).resolve("meta").toString());
        options.setDisableCli(true);
        options.setServiceFactory(new SegmentLog());
        final RaftOptions raft = options.getRaftOptions();
        raft.setSync(setting.forced());
        raft.setSyncMeta(setting.forced());
        if (setting.shortTimeouts()) {
            options.setElectionTimeoutMs(150);
            raft.setMaxElectionDelayMs(150);
        }
        return options;
    }

    @Override
    public boolean leads() {
        return node.isLeader();
    }

    @Override
    public boolean propose(int slot, Command command) {
        node.apply(new Task(ByteBuffer.wrap(command.bytes()), status -> answer(slot, status)));
        return true;
    }

    @Override
    public boolean read(int slot) {
        node.readIndex(NO_CONTEXT, new ReadIndexClosure() {
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
    public void close() {
        service.shutdown();
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
