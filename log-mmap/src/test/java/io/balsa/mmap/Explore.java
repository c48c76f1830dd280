package io.balsa.mmap;
import io.balsa.raft.spi.RaftLog;
import java.nio.file.*;
import org.agrona.concurrent.UnsafeBuffer;
final class Explore {
    public static void main(String[] a) throws Exception {
        Path dir = Path.of("/tmp/log/x/node");
        if (Files.exists(dir)) Directories.delete(dir);
        Directories.formatted(dir);
        MmapConfig c = new MmapConfig(512 << 10, 512 << 10);
        UnsafeBuffer cmd = new UnsafeBuffer(new byte[64]);
        long[] p = {0};
        long t0 = System.nanoTime();
        try (MmapStorage s = MmapStorage.open(dir, c)) {
            RaftLog log = s.log();
            for (int i = 0; i < 300_000; i++) {
                while (log.roomFor(64) != RaftLog.Room.YES) { log.pollPersisted((x, t) -> p[0] = x); Directories.pause(); }
                log.append(1, RaftLog.COMMAND, cmd, 0, 64);
                log.pollPersisted((x, t) -> p[0] = x);
                if (i % 5000 == 0 && p[0] > 0) log.compact(p[0], 1 << 20);
            }
            Directories.awaitPersisted(log, log.lastIndex());
            System.out.println("ms " + (System.nanoTime() - t0) / 1_000_000 + " first " + log.firstIndex());
            Thread.sleep(300);
            for (Path f : Files.walk(dir).toList()) if (Files.isRegularFile(f)) System.out.println(f + " " + Files.size(f));
            for (String l : Files.readAllLines(Path.of("/proc/self/maps"))) if (l.contains("/tmp/log/x")) System.out.println(l);
            try (var fds = Files.list(Path.of("/proc/self/fd"))) { for (Path f : fds.toList()) try { String t = Files.readSymbolicLink(f).toString(); if (t.contains("/tmp/log/x")) System.out.println("fd " + t);} catch (Exception e) {} }
        }
        System.out.println(LogVerify.verify(dir));
    }
}
