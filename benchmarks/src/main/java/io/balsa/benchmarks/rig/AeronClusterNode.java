package io.balsa.benchmarks.rig;

import java.io.Closeable;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.Image;
import io.aeron.archive.Archive;
import io.aeron.archive.ArchiveThreadingMode;
import io.aeron.archive.client.AeronArchive;
import io.aeron.cluster.ClusteredMediaDriver;
import io.aeron.cluster.ConsensusModule;
import io.aeron.cluster.codecs.CloseReason;
import io.aeron.cluster.service.ClientSession;
import io.aeron.cluster.service.Cluster;
import io.aeron.cluster.service.ClusteredService;
import io.aeron.cluster.service.ClusteredServiceContainer;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.aeron.logbuffer.Header;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.NoOpLock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One node of an Aeron Cluster: driver, archive, consensus module and service. As its documentation advises where cores
 * are few: shared threading, and threads that back off, here to at most 50 microseconds.
 */
final class AeronClusterNode implements Closeable {
    /** A command is preceded by its slot, and a reply is the slot and the count. */
    static final int SLOT_BYTES = Long.BYTES;

    /** The leader where the nodes share a JVM, so that the client knows whose driver to use; else they elect one. */
    static final int APPOINTED = 0;

    private static final long LONGEST_PARK_NS = TimeUnit.MICROSECONDS.toNanos(50);
    private static final int LOG_SEGMENT_BYTES = 64 << 20;

    private final ClusteredMediaDriver driver;
    private final ClusteredServiceContainer container;

    AeronClusterNode(int id, Setting setting, Layout layout) {
        final int syncLevel = setting.forced() ? 1 : 0;
        final Path home = setting.home(id);
        final String aeronDirectory = setting.memory(id).toString();
        final MediaDriver.Context media = new MediaDriver.Context()
            .aeronDirectoryName(aeronDirectory)
            .threadingMode(ThreadingMode.SHARED)
            .sharedIdleStrategy(idle())
            .termBufferSparseFile(false)
            .dirDeleteOnStart(true);
        final Archive.Context archive = new Archive.Context()
            .aeronDirectoryName(aeronDirectory)
            .archiveDir(home.resolve("archive").toFile())
            .controlChannel("aeron:udp?endpoint=" + Ports.address(id, 1))
            .localControlChannel("aeron:ipc?term-length=64k")
            .archiveClientContext(new AeronArchive.Context().controlResponseChannel("aeron:udp?endpoint=127.0.0.1:0"))
            .replicationChannel("aeron:udp?endpoint=127.0.0.1:0")
            .recordingEventsEnabled(false)
            .threadingMode(ArchiveThreadingMode.SHARED)
            .idleStrategySupplier(AeronClusterNode::idle)
            .segmentFileLength(LOG_SEGMENT_BYTES)
            .fileSyncLevel(syncLevel)
            .catalogFileSyncLevel(syncLevel);
        final AeronArchive.Context ownArchive = new AeronArchive.Context()
            .lock(NoOpLock.INSTANCE)
            .controlRequestChannel(archive.localControlChannel())
            .controlResponseChannel(archive.localControlChannel())
            .aeronDirectoryName(aeronDirectory);
        final ConsensusModule.Context consensus = new ConsensusModule.Context()
            .clusterMemberId(id)
            .clusterMembers(Ports.forAll(AeronClusterNode::endpoints, "|"))
            .appointedLeaderId(layout == Layout.JVM ? APPOINTED : Aeron.NULL_VALUE)
            .clusterDir(home.resolve("cluster").toFile())
            .ingressChannel("aeron:udp?term-length=64k")
            .isIpcIngressAllowed(true)
            .replicationChannel("aeron:udp?endpoint=127.0.0.1:0")
            .archiveContext(ownArchive.clone())
            .idleStrategySupplier(AeronClusterNode::idle)
            .fileSyncLevel(syncLevel);
        if (setting.shortTimeouts()) {
            consensus.leaderHeartbeatTimeoutNs(TimeUnit.MILLISECONDS.toNanos(300))
                .leaderHeartbeatIntervalNs(TimeUnit.MILLISECONDS.toNanos(50))
                .electionTimeoutNs(TimeUnit.MILLISECONDS.toNanos(300))
                .electionStatusIntervalNs(TimeUnit.MILLISECONDS.toNanos(50));
        }
        driver = ClusteredMediaDriver.launch(media, archive, consensus);
        container = ClusteredServiceContainer.launch(new ClusteredServiceContainer.Context()
            .aeronDirectoryName(aeronDirectory)
            .archiveContext(ownArchive.clone())
            .clusterDir(home.resolve("cluster").toFile())
            .clusteredService(new Service())
            .idleStrategySupplier(AeronClusterNode::idle));
    }

    static IdleStrategy idle() {
        return new BackoffIdleStrategy(100, 10, 1_000, LONGEST_PARK_NS);
    }

    /** Where clients find node {@code id}. */
    static String ingress(int id) {
        return Ports.address(id, 2);
    }

    /** Ingress, consensus, log, catch-up and archive of a node, as the cluster wants them listed. */
    private static String endpoints(int id) {
        return String.join(",", String.valueOf(id), ingress(id), Ports.address(id, 3), Ports.address(id, 4),
            Ports.address(id, 5), Ports.address(id, 1));
    }

    @Override
    public void close() {
        CloseHelper.closeAll(container, driver);
    }

    private static final class Service implements ClusteredService {
        private final SmallMap map = new SmallMap();
        private final UnsafeBuffer reply = new UnsafeBuffer(new byte[SLOT_BYTES + Long.BYTES]);
        private Cluster cluster;

        @Override
        public void onStart(Cluster cluster, Image snapshot) {
            this.cluster = cluster;
        }

        @Override
        public void onSessionMessage(ClientSession session, long timestamp, DirectBuffer message, int offset,
                                     int length, Header header) {
            reply.putLong(0, message.getLong(offset));
            reply.putLong(SLOT_BYTES, map.put(message, offset + SLOT_BYTES, length - SLOT_BYTES));
            final IdleStrategy idle = cluster.idleStrategy();
            idle.reset();
            while (session.offer(reply, 0, reply.capacity()) < 0 && !session.isClosing()) {
                idle.idle();
            }
        }

        @Override
        public void onSessionOpen(ClientSession session, long timestamp) {
        }

        @Override
        public void onSessionClose(ClientSession session, long timestamp, CloseReason reason) {
        }

        @Override
        public void onTimerEvent(long correlationId, long timestamp) {
        }

        @Override
        public void onTakeSnapshot(ExclusivePublication snapshot) {
        }

        @Override
        public void onRoleChange(Cluster.Role role) {
        }

        @Override
        public void onTerminate(Cluster cluster) {
        }
    }
}
