package io.balsa.raft.testkit.mutants;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * The project's classes once more, product and tests, with some of them changed. All of them are defined here and not
 * asked of the parent first: what is package-private stays within reach, and static state is not shared.
 */
final class ChangedClasses extends ClassLoader {
    private static final String PROJECT = "io.balsa.";

    private final Map<String, byte[]> changed;

    ChangedClasses(Map<String, byte[]> changed) {
        super(ChangedClasses.class.getClassLoader());
        this.changed = changed;
        setDefaultAssertionStatus(true);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(PROJECT)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            final Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : define(name);
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        final byte[] bytes = changed.containsKey(name) ? changed.get(name) : asItIs(name);
        return defineClass(name, bytes, 0, bytes.length);
    }

    private byte[] asItIs(String name) throws ClassNotFoundException {
        try (InputStream file = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (file == null) {
                throw new ClassNotFoundException(name);
            }
            return file.readAllBytes();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
