package io.balsa.mapreduce.spark;

import java.net.URL;
import java.security.CodeSource;
import java.util.Map;
import java.util.Optional;

import io.balsa.mapreduce.Engine;
import io.balsa.mapreduce.InvalidJobException;
import io.balsa.mapreduce.JobFailedException;
import io.balsa.mapreduce.JobResult;
import io.balsa.mapreduce.JobSpec;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** Spark, started for one job. Settings are Spark's own, {@code spark.master} among them. */
public final class SparkEngine implements Engine {
    private static final String MASTER = "spark.master";
    private static final String WANTED = "4.";
    private static final String REMEDY = "; set SPARK_HOME to a Spark 4, whose jars are in its folder jars, or get "
        + "them with 'mvn -Pspark -pl mapreduce -am package -DskipTests'";
    /** Spark keeps 300 MiB for itself and refuses to start with less than one and a half of that. */
    private static final long LEAST_HEAP = 450L << 20;

    @Override
    public String name() {
        return "spark";
    }

    @Override
    public Optional<String> missing() {
        try {
            new SparkConf(false).get(MASTER, "");
            return Optional.empty();
        } catch (final NoClassDefFoundError e) {
            return Optional.of("Spark is not on the class path, or not all of it: there is no " + e.getMessage()
                + REMEDY);
        }
    }

    @Override
    public JobResult run(JobSpec spec, Map<String, String> settings) throws JobFailedException, InterruptedException {
        SparkMapReduce.refuseWhatItDoesNotDo(spec);
        if (Runtime.getRuntime().maxMemory() < LEAST_HEAP) {
            throw new InvalidJobException("Spark does not start with a heap of less than " + (LEAST_HEAP >> 20)
                + " MiB; give --memory 512m or more");
        }
        try (JavaSparkContext context = start(spec, settings)) {
            if (!context.version().startsWith(WANTED)) {
                throw new InvalidJobException("this is Spark " + context.version() + ", and not " + WANTED
                    + "x; set SPARK_HOME to another one");
            }
            return SparkMapReduce.run(spec, context);
        }
    }

    private static SparkConf conf(JobSpec spec, Map<String, String> settings) {
        final SparkConf conf = new SparkConf().setAppName("balsa " + spec.name());
        settings.forEach(conf::set);
        conf.setIfMissing(MASTER, "local[*]");
        conf.setIfMissing("spark.ui.enabled", "false");
        conf.setIfMissing("spark.ui.showConsoleProgress", Boolean.toString(Boolean.getBoolean("mr.terminal")));
        conf.setIfMissing("spark.task.maxFailures", Integer.toString(spec.maxAttempts()));
        // All that is shuffled is bytes: Java's own form of them is twice as long, and slow. Pairs may be as long as a
        // task's memory allows, and are refused there.
        conf.setIfMissing("spark.serializer", "org.apache.spark.serializer.KryoSerializer");
        conf.setIfMissing("spark.kryoserializer.buffer.max", "1g");
        final String master = conf.get(MASTER);
        if (master.startsWith("local")) {
            conf.setIfMissing("spark.driver.host", "127.0.0.1");
            conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
        }
        if (!master.equals("local") && !master.startsWith("local[")) {
            ownJar().ifPresent(jar -> conf.setIfMissing("spark.jars", jar));
        }
        return conf;
    }

    /** Executors in other processes get this program from the driver. */
    private static Optional<String> ownJar() {
        final CodeSource source = SparkEngine.class.getProtectionDomain().getCodeSource();
        return Optional.ofNullable(source).map(CodeSource::getLocation).map(URL::toString)
            .filter(location -> location.endsWith(".jar"));
    }

    private static JavaSparkContext start(JobSpec spec, Map<String, String> settings) throws JobFailedException {
        try {
            return new JavaSparkContext(conf(spec, settings));
        } catch (final NoClassDefFoundError e) {
            throw new JobFailedException("not all of Spark is on the class path, there is no " + e.getMessage()
                + REMEDY, e);
        } catch (final Exception e) { // Scala throws checked exceptions that it does not declare
            throw new JobFailedException("Spark cannot be started: " + SparkMapReduce.reason(e), e);
        }
    }
}
