package io.balsa.mapreduce.cli;

import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;

import io.balsa.mapreduce.InvalidJobException;
import io.balsa.mapreduce.JobDefinition;
import io.balsa.mapreduce.samples.Samples;

/** Finds what a job's name stands for. */
final class JobNames {
    private JobNames() {
    }

    /**
     * @param name of a sample, or of a class
     * @throws InvalidJobException when it is neither
     */
    static JobDefinition find(String name, List<Path> jars) {
        return Samples.named(name).orElseGet(() -> ofClass(name, jars));
    }

    private static JobDefinition ofClass(String className, List<Path> jars) {
        try {
            final Object definition = Class.forName(className, true, loader(jars)).getConstructor().newInstance();
            if (definition instanceof JobDefinition found) {
                return found;
            }
            throw new InvalidJobException(className + " does not define a job; let it implement JobDefinition");
        } catch (ClassNotFoundException | NoClassDefFoundError e) {
            throw new InvalidJobException("there is no job " + className + "; name a sample ("
                + String.join(", ", Samples.names()) + "), or a class on the class path or in --jar", e);
        } catch (ReflectiveOperationException e) {
            throw new InvalidJobException(className + " cannot be made: it must be public, with a public constructor "
                + "without parameters", e);
        }
    }

    private static ClassLoader loader(List<Path> jars) {
        return jars.isEmpty() ? JobNames.class.getClassLoader()
            : new URLClassLoader(jars.stream().map(JobNames::url).toArray(URL[]::new),
                JobNames.class.getClassLoader());
    }

    private static URL url(Path jar) {
        try {
            return jar.toAbsolutePath().toUri().toURL();
        } catch (MalformedURLException e) {
            throw new InvalidJobException("--jar: " + jar + " cannot be opened", e);
        }
    }
}
