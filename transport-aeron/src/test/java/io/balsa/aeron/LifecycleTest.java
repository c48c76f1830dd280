package io.balsa.aeron;

import io.aeron.Aeron;
import io.aeron.driver.MediaDriver;
import io.balsa.raft.spi.Transport;
import io.balsa.raft.spi.TransportException;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Start, stop, and what goes wrong in between. */
class LifecycleTest {
    @TempDir
    private Path directory;

    @Test
    void aPortInUseIsAnErrorThatSaysWhichAndWhatToDo() throws IOException {
        final Map<Integer, Endpoint> members = Loopback.members(1);
        final Endpoint own = members.get(0);
        try (DatagramSocket other = new DatagramSocket(own.port(), InetAddress.getLoopbackAddress())) {
            assertTrue(other.isBound());
            final String message = assertThrows(TransportException.class,
                () -> AeronTransport.open(config(members))).getMessage();
            assertEquals("UDP port " + own.port() + " on 127.0.0.1 is in use; stop the process that has it or choose "
                + "another port", message);
        }
        assertEquals(List.of(), leftovers());
        AeronTransport.open(config(members)).close();
    }

    @Test
    void thePortForSnapshotsInUseIsAnErrorThatSaysWhich() throws IOException {
        final Map<Integer, Endpoint> members = Loopback.members(1);
        final int second = members.get(0).port() + 1;
        try (DatagramSocket other = new DatagramSocket(second, InetAddress.getLoopbackAddress())) {
            assertTrue(other.isBound());
            final String message = assertThrows(TransportException.class,
                () -> AeronTransport.open(config(members))).getMessage();
            assertEquals("UDP port " + second + " on 127.0.0.1 is in use; stop the process that has it or choose "
                + "another port", message);
        }
        assertEquals(List.of(), leftovers());
        AeronTransport.open(config(members)).close();
    }

    @Test
    void aSecondStartOfARunningNodeIsRefusedAndDoesNotHurtTheFirst() {
        try (Group group = Group.start(2, directory, this::inTempDirectory)) {
            group.connect();
            assertThrows(TransportException.class, () -> AeronTransport.open(config(group.members)));
            group.connect();
            assertEquals(2, leftovers().size());
        }
    }

    @Test
    void anAddressOfAnotherHostIsAnErrorThatSaysSo() {
        final AeronConfig config = config(Loopback.members(1)).withBind(new Endpoint("192.0.2.1", 9_000));
        final String message = assertThrows(TransportException.class, () -> AeronTransport.open(config)).getMessage();
        assertTrue(message.startsWith("cannot listen on UDP 192.0.2.1:9000: ") && message.endsWith("of this host"),
            message);
    }

    @Test
    void closeRemovesTheDirectoryAndFreesThePort() throws IOException {
        final Map<Integer, Endpoint> members = Loopback.members(1);
        final AeronTransport transport = AeronTransport.open(config(members));
        assertEquals(1, leftovers().size());
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(leftovers().get(0))));
        transport.close();
        transport.close();
        assertEquals(List.of(), leftovers());
        new DatagramSocket(members.get(0).port(), InetAddress.getLoopbackAddress()).close();
        new DatagramSocket(members.get(0).port() + 1, InetAddress.getLoopbackAddress()).close();
    }

    @Test
    void whatAKilledRunLeftIsRemovedAtTheNextStart() throws IOException {
        final Map<Integer, Endpoint> members = Loopback.members(1);
        final AeronTransport probe = AeronTransport.open(config(members));
        final Path place = leftovers().get(0);
        probe.close();
        Files.createDirectories(place.resolve("publications"));
        Files.writeString(place.resolve("publications").resolve("stale.logbuffer"), "stale");

        final AeronTransport again = AeronTransport.open(config(members));
        assertFalse(Files.exists(place.resolve("publications").resolve("stale.logbuffer")));
        again.close();
    }

    @Test
    void noThreadIsStarted() {
        final int before = Thread.activeCount();
        try (Group group = Group.start(2, directory, this::inTempDirectory)) {
            group.connect();
            assertEquals(before, Thread.activeCount());
        }
    }

    @ParameterizedTest
    @EnumSource(Profile.class)
    void filesTakeExactlyWhatThePlanSays(Profile profile) {
        try (Group group = Group.start(3, directory, config -> inTempDirectory(config).withProfile(profile))) {
            group.connect();
            for (Path node : leftovers()) {
                final long bytes = bytesOf(node);
                assertTrue(bytes <= profile.budget, bytes + " bytes");
                final String megabytes = BufferPlan.mebibytes(bytes);
                assertTrue(group.node(0).description().startsWith(profile + " profile: " + megabytes),
                    megabytes + ", but: " + group.node(0).description());
            }
        }
    }

    @Test
    void buffersForSnapshotsAreThereOnlyWhileSnapshotsAre() {
        try (Group group = Group.start(2, directory, this::inTempDirectory)) {
            group.connect(Transport.SNAPSHOT);
            final long heard = group.heard[1];
            final Path sender = leftovers().stream()
                .filter(path -> path.getFileName().toString().endsWith("-" + group.members.get(0).port()))
                .findFirst().orElseThrow();
            final long before = bytesOf(sender);
            final UnsafeBuffer frame = new UnsafeBuffer(new byte[64]);
            group.turnUntil("a snapshot frame is taken",
                () -> group.node(0).offer(1, Transport.SNAPSHOT, frame, 0, 64) == Transport.ACCEPTED);
            assertTrue(bytesOf(sender) > before, "its log is there");
            group.turnUntil("the frame arrives", () -> group.heard[1] > heard);
            group.turnUntil("the log is given up", AeronTransport.IDLE_NS * 3, () -> bytesOf(sender) == before);
            group.turnUntil("a snapshot frame is taken again",
                () -> group.node(0).offer(1, Transport.SNAPSHOT, frame, 0, 64) == Transport.ACCEPTED);
            group.turnUntil("and arrives", () -> group.heard[1] == heard + 2);
        }
    }

    /** A page that does not exist yet is a bus error once the file system is full. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void everyPageIsThereOnceThePeersAreConnected() throws Exception {
        try (Group group = Group.start(2, directory, this::inTempDirectory)) {
            group.connect();
            for (Path node : leftovers()) {
                final Process usage = new ProcessBuilder("du", "-sk", node.toString()).start();
                final String kibibytes = new String(usage.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                final long allocated = Long.parseLong(kibibytes.split("\\s", 2)[0]) << 10;
                assertTrue(allocated >= bytesOf(node), allocated + " of " + bytesOf(node) + " bytes are allocated");
            }
        }
    }

    @Test
    void aPauseOfTheLoopIsSurvived() {
        final SkippingClock clock = new SkippingClock();
        try (Group group = Group.start(2, directory, this::inTempDirectory, clock)) {
            group.connect();
            clock.skip(TimeUnit.SECONDS.toNanos(11));
            group.connect();
            clock.skip(TimeUnit.MINUTES.toNanos(50));
            group.connect();
        }
    }

    @Test
    void aDeadDriverIsAnErrorAndNotSilence() {
        final SkippingClock clock = new SkippingClock();
        try (Group group = Group.start(2, directory, this::inTempDirectory, clock)) {
            group.connect();
            clock.skip(TimeUnit.HOURS.toNanos(3));
            final String message = assertThrows(TransportException.class, () -> group.turnFor(1_000)).getMessage();
            assertTrue(message.startsWith("the media driver in " + directory) && message.endsWith("restart this node"),
                message);
        }
        assertEquals(List.of(), leftovers());
    }

    @Test
    void anInterruptedLoopIsAnErrorAndNotSilence() {
        try (Group group = Group.start(2, directory, this::inTempDirectory)) {
            group.connect();
            Thread.currentThread().interrupt();
            assertThrows(TransportException.class, () -> group.turnFor(1_000));
            assertTrue(Thread.interrupted(), "the interrupt is left to the caller");
        }
    }

    @Test
    void aPeerWhoseNameIsUnknownAtStartIsFoundLater() {
        final Map<Integer, Endpoint> members = Loopback.members(2);
        final AtomicBoolean published = new AtomicBoolean();
        final long loop = Thread.currentThread().threadId();
        final AtomicBoolean loopAsked = new AtomicBoolean();
        final AddressLookup.NameService names = host -> {
            if (host.equals("peer.test")) {
                if (!published.get()) {
                    throw new UnknownHostException(host);
                }
                loopAsked.compareAndSet(false, Thread.currentThread().threadId() == loop);
                return InetAddress.getLoopbackAddress();
            }
            return InetAddress.getByName(host);
        };
        final AeronConfig named = AeronConfig.of(Loopback.CLUSTER, 0,
            Map.of(0, members.get(0), 1, new Endpoint("peer.test", members.get(1).port())), directory);
        try (AeronTransport a = AeronTransport.open(inTempDirectory(named), names, EmbeddedAeron.Tuning.NONE);
             AeronTransport b = AeronTransport.open(inTempDirectory(
                 Loopback.config(1, members, directory)))) {
            final UnsafeBuffer frame = new UnsafeBuffer(new byte[64]);
            assertEquals(Transport.NOT_CONNECTED, a.offer(1, Transport.CONTROL, frame, 0, 64));
            a.doWork();
            published.set(true);
            final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            int heard = 0;
            while (heard == 0 && System.nanoTime() - deadlineNs < 0) {
                a.offer(1, Transport.CONTROL, frame, 0, 64);
                a.doWork();
                b.doWork();
                heard += b.poll((buffer, offset, length) -> { }, 16);
            }
            assertEquals(1, heard);
            assertFalse(loopAsked.get(), "the loop asked a name server");
        }
    }

    @Test
    void aJvmWithoutTheFlagIsToldWhichOne() throws Exception {
        final Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"),
            WithoutFlag.class.getName(), directory.toString()).redirectErrorStream(true).start();
        final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertEquals("this JVM does not let Aeron at its memory; start it with --add-opens "
            + "java.base/jdk.internal.misc=ALL-UNNAMED", output.strip());
    }

    /** The child process of the test above. */
    static final class WithoutFlag {
        private WithoutFlag() {
        }

        public static void main(String[] args) {
            try {
                AeronTransport.open(Loopback.config(0, Loopback.members(1), Path.of(args[0])));
            } catch (TransportException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    private AeronConfig config(Map<Integer, Endpoint> members) {
        return inTempDirectory(Loopback.config(0, members, directory));
    }

    private AeronConfig inTempDirectory(AeronConfig config) {
        return config.withDirectoryBase(directory).withProfile(Profile.SMALL);
    }

    private List<Path> leftovers() {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(path -> path.getFileName().toString().startsWith("balsa-")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long bytesOf(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The real clock, which can be moved forward: a process that was stopped sees just that. */
    private static final class SkippingClock implements NanoClock, EpochClock, EmbeddedAeron.Tuning {
        private long skippedNs;

        void skip(long nanoseconds) {
            skippedNs += nanoseconds;
        }

        @Override
        public long nanoTime() {
            return System.nanoTime() + skippedNs;
        }

        @Override
        public long time() {
            return System.currentTimeMillis() + TimeUnit.NANOSECONDS.toMillis(skippedNs);
        }

        @Override
        public void apply(MediaDriver.Context driver, Aeron.Context client) {
            driver.nanoClock(this).epochClock(this);
            client.nanoClock(this).epochClock(this);
        }
    }
}
