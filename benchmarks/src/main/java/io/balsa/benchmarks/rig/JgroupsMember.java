package io.balsa.benchmarks.rig;

import java.io.ByteArrayInputStream;
import java.io.DataInput;
import java.io.DataOutput;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

import org.jgroups.JChannel;
import org.jgroups.raft.RaftHandle;
import org.jgroups.raft.StateMachine;

/**
 * A node of jgroups-raft over TCP with its file log. The log is not cut by snapshots while it is measured, as with the
 * others; all else is the stack that the project ships, on TCP.
 */
final class JgroupsMember implements Member {
    private static final String STACK = """
        <config xmlns="urn:org:jgroups">
          <TCP bind_addr="127.0.0.1" bind_port="%1$d" port_range="0" diag.enabled="false"
               thread_pool.min_threads="2" thread_pool.max_threads="100" thread_pool.keep_alive_time="5000"/>
          <TCPPING initial_hosts="%2$s" port_range="0"/>
          <MERGE3 max_interval="2000" min_interval="500"/>
          <FD_SOCK2/>
          <FD_ALL3 timeout="%6$d" interval="%7$d"/>
          <VERIFY_SUSPECT2 timeout="%8$d"/>
          <pbcast.NAKACK2 xmit_interval="500" use_mcast_xmit="false"/>
          <UNICAST3 xmit_interval="500" conn_expiry_timeout="0"/>
          <pbcast.STABLE desired_avg_gossip="50000" max_bytes="4M"/>
          <raft.NO_DUPES/>
          <pbcast.GMS print_local_addr="false" join_timeout="500"/>
          <UFC max_credits="2M" min_threshold="0.4"/>
          <MFC max_credits="2M" min_threshold="0.4"/>
          <FRAG4 frag_size="60K"/>
          <raft.ELECTION vote_timeout="%9$d"/>
          <raft.RAFT members="A,B,C" raft_id="%3$s" log_dir="%4$s" log_use_fsync="%5$s" max_log_size="%10$d"/>
          <raft.REDIRECT/>
        </config>
        """;
    private static final long NEVER_CUT = 1L << 40;

    private final Answers answers;
    private final RaftHandle handle;

    JgroupsMember(int id, Setting setting, Answers answers) throws Exception {
        this.answers = answers;
        final boolean soon = setting.shortTimeouts();
        final String stack = String.format(STACK, Ports.of(id, 0),
            Ports.forAll(member -> "127.0.0.1[" + Ports.of(member, 0) + ']', ","), name(id), setting.dir(),
            setting.forced(), soon ? 300 : 40_000, soon ? 50 : 8_000, soon ? 150 : 1_500, soon ? 150 : 600, NEVER_CUT);
        final JChannel channel = new JChannel(new ByteArrayInputStream(stack.getBytes(StandardCharsets.UTF_8)));
        channel.setName(name(id));
        handle = new RaftHandle(channel, new Replica());
        channel.connect("rig");
    }

    private static String name(int id) {
        return String.valueOf((char) ('A' + id));
    }

    @Override
    public boolean leads() {
        return handle.isLeader();
    }

    @Override
    public boolean propose(int slot, Command command) throws Exception {
        handle.setAsync(command.bytes(), 0, command.bytes().length).whenComplete((reply, failure) -> {
            if (failure == null) {
                answers.done(slot);
            } else {
                answers.failed(slot, failure.toString());
            }
        });
        return true;
    }

    @Override
    public void close() {
        handle.channel().close();
    }

    /** Snapshots are never asked for here. */
    private static final class Replica implements StateMachine {
        private final SmallMap map = new SmallMap();

        @Override
        public byte[] apply(byte[] data, int offset, int length, boolean serializeResponse) {
            return ByteBuffer.allocate(Long.BYTES).putLong(0, map.put(data, offset, length)).array();
        }

        @Override
        public void readContentFrom(DataInput in) {
            throw new UnsupportedOperationException("no snapshot was ever written");
        }

        @Override
        public void writeContentTo(DataOutput out) {
            throw new UnsupportedOperationException("the log is longer than " + NEVER_CUT + " bytes");
        }
    }
}
