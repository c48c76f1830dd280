package io.balsa.kv;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/**
 * A disk of its own, mounted in a folder, that stops answering when told: every force waits, as on a device that hangs.
 * Made by {@code stalled-disk.sh}, which removes it again whatever becomes of this process. Needs root.
 */
final class StallingDisk implements AutoCloseable {
    private static final String SCRIPT = Path.of("src/test/sh/stalled-disk.sh").toAbsolutePath().toString();

    private final Path folder;
    private final Process script;
    private final OutputStream commands;
    private final BufferedReader answers;

    private StallingDisk(Path folder) throws IOException {
        this.folder = folder;
        script = new ProcessBuilder("sh", SCRIPT, folder.toString()).redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
        commands = script.getOutputStream();
        answers = new BufferedReader(new InputStreamReader(script.getInputStream(), StandardCharsets.UTF_8));
        await("ready");
    }

    /** Whether this machine can do it. */
    static boolean isPossible() throws IOException, InterruptedException {
        return new ProcessBuilder("sh", SCRIPT, "check").redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
    }

    static StallingDisk in(Path folder) throws IOException {
        return new StallingDisk(folder);
    }

    /** Where it is mounted. */
    Path root() {
        return folder.resolve("disk");
    }

    /**
     * Returns when it no longer answers.
     *
     * @return done when it answers again
     */
    CompletableFuture<Void> stall(int seconds) throws IOException {
        commands.write(("stall " + seconds + "\n").getBytes(StandardCharsets.UTF_8));
        commands.flush();
        await("stalled");
        return CompletableFuture.runAsync(() -> {
            try {
                await("resumed");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private void await(String word) throws IOException {
        final String answer = answers.readLine();
        if (!word.equals(answer)) {
            throw new IOException("the disk was to be " + word + ", its script says " + answer);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        commands.close();
        script.waitFor();
    }
}
