package io.balsa.mapreduce.coordinator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.data.Publication;
import io.balsa.mapreduce.task.JobFiles;
import io.balsa.mapreduce.wire.JobId;

/**
 * Gives outputs their names, and removes what a job leaves. Any coordinator may do it, again and at any time: names are
 * given only to files that bear the job's id and the attempt that won, so one that comes late finds nothing to do.
 */
final class Publisher {
    /** Where a job works that was told no folder: made for it, so it may go. */
    private static final String OWN_FOLDER = ".mr";

    private Publisher() {
    }

    /**
     * Renames all outputs of a job and makes that durable.
     *
     * @return why it cannot be done, one line; empty when it is done, now or before
     */
    static String publish(JobState job) {
        final String outDir = job.submit().spec().decode().outDir();
        try {
            Publication.publish(Path.of(outDir), job.outputs());
            return "";
        } catch (IOException | RuntimeException e) { // whatever it was: untold, the job would wait for ever
            return "outputs cannot be named in " + outDir + ": " + e + "; check the disk and the folder's rights";
        }
    }

    /** Removes a job's intermediate files and what its attempts that did not win have left beside the outputs. */
    static void clean(JobState job) {
        final JobSpec spec = job.submit().spec().decode();
        final Path work = JobFiles.workDir(spec, job.id());
        try {
            removeTree(work);
            if (work.getParent().equals(Path.of(spec.outDir(), OWN_FOLDER))) {
                removeIfEmpty(work.getParent());
            }
            final String mark = "." + JobId.format(job.id()) + "-";
            try (DirectoryStream<Path> left = Files.newDirectoryStream(Path.of(spec.outDir()),
                file -> file.getFileName().toString().startsWith(".")
                    && file.getFileName().toString().contains(mark))) {
                for (final Path file : left) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (NoSuchFileException e) {
            // there is nothing
        } catch (IOException | UncheckedIOException e) {
            System.getLogger(Publisher.class.getName()).log(System.Logger.Level.WARNING, "files of job "
                + JobId.format(job.id()) + " are left in " + work + ": " + e + "; remove them");
        }
    }

    private static void removeTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE; // its writer removes it as well
                }
                throw failure;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, IOException failure) throws IOException {
                Files.deleteIfExists(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static void removeIfEmpty(Path folder) throws IOException {
        try {
            Files.deleteIfExists(folder);
        } catch (DirectoryNotEmptyException e) {
            // other jobs are there
        }
    }
}
