package io.balsa.mapreduce.data;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

import io.balsa.mapreduce.task.OutputFile;

/** Gives outputs of accepted attempts their names. */
public final class Publication {
    private Publication() {
    }

    /**
     * Renames outputs and makes that durable. May be repeated after it was cut off in its midst: an output that is gone
     * under its temporary name and there under its own was renamed before.
     *
     * @param directory the job's output directory
     * @return the outputs under their own names
     * @throws IOException if an output is under neither name, or cannot be renamed
     */
    public static List<Path> publish(Path directory, List<OutputFile> outputs) throws IOException {
        final List<Path> published = new ArrayList<>();
        for (final OutputFile output : outputs) {
            final Path target = directory.resolve(output.name());
            try {
                Files.move(directory.resolve(output.temporary()), target, StandardCopyOption.ATOMIC_MOVE);
            } catch (final NoSuchFileException e) {
                if (!Files.exists(target)) {
                    throw e;
                }
            }
            published.add(target);
        }
        try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
            entries.force(true);
        }
        return published;
    }
}
