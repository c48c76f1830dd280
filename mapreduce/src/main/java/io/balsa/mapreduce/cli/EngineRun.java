package io.balsa.mapreduce.cli;

import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

import io.balsa.mapreduce.Engine;
import io.balsa.mapreduce.JobFailedException;
import io.balsa.mapreduce.JobResult;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.wire.JobClient;
import io.balsa.raft.spi.RaftException;

/** A job on another engine than this program's own. */
final class EngineRun {
    private EngineRun() {
    }

    /** @throws IllegalArgumentException if there is none of this name */
    static Engine find(String name) {
        return ServiceLoader.load(Engine.class).stream().map(ServiceLoader.Provider::get)
            .filter(engine -> engine.name().equals(name)).findFirst()
            .orElseThrow(() -> new IllegalArgumentException("--engine: there is no " + name + "; there are "
                + RunCommand.LOCAL + ServiceLoader.load(Engine.class).stream().map(ServiceLoader.Provider::get)
                    .map(engine -> ", " + engine.name()).collect(Collectors.joining())));
    }

    static int run(Engine engine, JobSpec spec, Map<String, String> settings) throws InterruptedException {
        engine.missing().ifPresent(what -> {
            throw new RaftException(what);
        });
        JobClient.requireNoneBeyond(spec);
        final long start = System.nanoTime();
        try {
            final JobResult result = engine.run(spec, settings);
            Main.say("job " + spec.name() + " is done on " + engine.name() + " in "
                + (System.nanoTime() - start) / 1_000_000 / 1000.0 + " s: " + result.recordsIn() + " records, "
                + result.recordsOut() + " pairs, " + result.outputs().size() + " outputs");
            Ending.tell(result.counters());
            return ExitCode.OK;
        } catch (final JobFailedException e) {
            Main.say("job " + spec.name() + " has failed on " + engine.name() + ": " + e.getMessage());
            return ExitCode.NOT_DONE;
        }
    }
}
