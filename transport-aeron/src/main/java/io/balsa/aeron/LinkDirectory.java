package io.balsa.aeron;

import java.io.File;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.aeron.CommonContext;
import org.agrona.IoUtil;

/**
 * The folders of links' drivers. Links come and go with their processes, on ports that are drawn anew, so what a killed
 * one leaves would stay for ever: whoever opens a link removes what belongs to nobody.
 */
final class LinkDirectory {
    private static final String PREFIX = "balsa-link-";
    private static final Pattern NAME = Pattern.compile(PREFIX + "(\\d{1,18})-\\d+");
    /** A stopped process's driver gives no sign of life, so neither this nor its pid alone tells that it is gone. */
    private static final long SILENT_MS = TimeUnit.MINUTES.toMillis(1);

    private LinkDirectory() {
    }

    static EmbeddedAeron launch(Endpoint bind, InetSocketAddress address, Path base) {
        final SocketBuffers sockets = SocketBuffers.granted(bind, address, Profile.SMALL.socketBuffer);
        removeLeftovers(base);
        final BufferPlan plan =
            BufferPlan.of(Profile.SMALL, 0, sockets, address.getAddress().isLoopbackAddress());
        final Path path = base.resolve(PREFIX + ProcessHandle.current().pid() + "-" + bind.port());
        IoUtil.delete(path.toFile(), true);
        return EmbeddedAeron.launch(Optional.empty(), new BufferDirectory(path, plan, plan.describe()),
            (driver, client) -> driver.mtuLength(plan.controlMtu()));
    }

    static void removeLeftovers(Path base) {
        final File[] folders = base.toFile().listFiles(File::isDirectory);
        if (folders != null) {
            for (final File folder : folders) {
                final Matcher name = NAME.matcher(folder.getName());
                if (name.matches() && isDead(Long.parseLong(name.group(1)), folder)) {
                    IoUtil.delete(folder, true);
                }
            }
        }
    }

    private static boolean isDead(long pid, File folder) {
        return ProcessHandle.of(pid).isEmpty() && !CommonContext.isDriverActive(folder, SILENT_MS, ignored -> { });
    }
}
