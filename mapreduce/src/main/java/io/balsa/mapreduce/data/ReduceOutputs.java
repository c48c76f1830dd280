package io.balsa.mapreduce.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import io.balsa.mapreduce.ReduceOutput;
import io.balsa.mapreduce.task.JobFiles;
import io.balsa.mapreduce.task.OutputFile;
import io.balsa.mapreduce.task.ReduceTask;

/** All outputs of one attempt of a reduce task. */
final class ReduceOutputs implements AutoCloseable {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,100}");
    private static final String OWN = "mr";

    private final ReduceTask task;
    private final TaskScope scope;
    private final Path directory;
    private final Map<String, LineFile> files = new LinkedHashMap<>();
    private final LineFile main;
    private Ending lost;

    ReduceOutputs(ReduceTask task, TaskScope scope) throws IOException {
        this.task = task;
        this.scope = scope;
        directory = Files.createDirectories(Path.of(task.spec().outDir()));
        main = open(OWN, JobFiles.output(task.reduce()));
    }

    private LineFile open(String key, String name) throws IOException {
        final LineFile file = new LineFile(this, directory, name,
            JobFiles.temporary(name, task.jobId(), task.attempt()));
        files.put(key, file);
        return file;
    }

    LineFile main() {
        return main;
    }

    TaskScope scope() {
        return scope;
    }

    ReduceOutput named(String name) {
        if (!NAME.matcher(name).matches() || name.equals(OWN)) {
            throw new IllegalArgumentException("an output cannot be named '" + name
                + "'; use letters, digits, _ and -, and not mr");
        }
        final LineFile known = files.get(name);
        if (known != null) {
            return known;
        }
        try {
            return open(name, JobFiles.namedOutput(name, task.reduce()));
        } catch (final IOException e) {
            throw lost(e);
        }
    }

    /** Remembers why lines were lost: a reducer may catch what it is told, and go on. */
    Ending lost(IOException e) {
        lost = new Ending(scope.failed("its output in " + directory + " cannot be written: " + Reason.of(e), e));
        return lost;
    }

    void throwIfLost() {
        if (lost != null) {
            throw lost;
        }
    }

    /** Makes all outputs durable. */
    List<OutputFile> finish() {
        final List<OutputFile> outputs = new ArrayList<>();
        try {
            for (final LineFile file : files.values()) {
                file.finish();
                outputs.add(new OutputFile(file.name(), file.temporary(), file.length()));
            }
        } catch (final IOException e) {
            throw lost(e);
        }
        return outputs;
    }

    /** Removes all outputs. */
    void discard() throws IOException {
        close();
        for (final LineFile file : files.values()) {
            Files.deleteIfExists(directory.resolve(file.temporary()));
        }
    }

    @Override
    public void close() throws IOException {
        for (final LineFile file : files.values()) {
            file.close();
        }
    }
}
