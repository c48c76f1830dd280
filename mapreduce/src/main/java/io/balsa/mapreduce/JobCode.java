package io.balsa.mapreduce;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The classes of a job, found and looked over; makes an object of each for every task that needs one.
 *
 * @see Job#spec() which finds out at submission what is wrong with them
 */
public final class JobCode implements AutoCloseable {
    private final JobSpec spec;
    private final ClassLoader loader;
    private final Optional<URLClassLoader> own;

    private JobCode(JobSpec spec, ClassLoader loader, Optional<URLClassLoader> own) {
        this.spec = spec;
        this.loader = loader;
        this.own = own;
    }

    /**
     * Finds the classes and makes one object of each to see that it works.
     *
     * @throws InvalidJobException one line, if a class or jar is missing or does not fit its place
     */
    @SuppressWarnings("resource") // closed with what is returned
    public static JobCode load(JobSpec spec) {
        final ClassLoader base = Optional.ofNullable(Thread.currentThread().getContextClassLoader())
            .orElse(JobCode.class.getClassLoader());
        final Optional<URLClassLoader> own = spec.jars().isEmpty() ? Optional.empty()
            : Optional.of(new URLClassLoader(urls(spec.jars()), base));
        final JobCode code = new JobCode(spec, own.map(ClassLoader.class::cast).orElse(base), own);
        try {
            code.check();
        } catch (final InvalidJobException e) {
            code.close();
            throw e;
        }
        return code;
    }

    private void check() {
        mapper();
        reducer();
        final boolean numbers = hasNumbers();
        final Optional<Object> combiner = combiner();
        keyCodec();
        partitioner();
        if (combiner.isPresent() && combiner.get() instanceof LongCombiner && !numbers) {
            throw new InvalidJobException("combiner " + combiner.get().getClass().getName()
                + " combines numbers, but values are encoded by " + spec.classes().valueCodec()
                + "; use values(LongCodec.class)");
        }
    }

    private static URL[] urls(List<String> jars) {
        final URL[] urls = new URL[jars.size()];
        for (int i = 0; i < urls.length; i++) {
            final Path jar = Path.of(jars.get(i));
            if (!Files.isReadable(jar)) {
                throw new InvalidJobException("no jar at " + jar + "; build it, or give its path");
            }
            try {
                urls[i] = jar.toUri().toURL();
            } catch (final MalformedURLException e) {
                throw new InvalidJobException("the path " + jar + " of a jar cannot be used; rename it", e);
            }
        }
        return urls;
    }

    /** Returns a new {@link Mapper} or {@link ByteMapper}. */
    public Object mapper() {
        return oneOf("mapper", spec.classes().mapper(), Mapper.class, ByteMapper.class);
    }

    /** Returns a new {@link Reducer} or {@link ByteReducer}. */
    public Object reducer() {
        return oneOf("reducer", spec.classes().reducer(), Reducer.class, ByteReducer.class);
    }

    /** Returns a new {@link Combiner} or {@link LongCombiner}, if the job has one. */
    public Optional<Object> combiner() {
        return spec.classes().combiner().map(name -> oneOf("combiner", name, Combiner.class, LongCombiner.class));
    }

    public Partitioner partitioner() {
        return spec.classes().partitioner().<Partitioner>map(
            name -> (Partitioner) oneOf("partitioner", name, Partitioner.class, Partitioner.class))
            .orElseGet(HashPartitioner::new);
    }

    public Codec<?> keyCodec() {
        return (Codec<?>) oneOf("key codec", spec.classes().keyCodec(), Codec.class, Codec.class);
    }

    public Codec<?> valueCodec() {
        return (Codec<?>) oneOf("value codec", spec.classes().valueCodec(), Codec.class, Codec.class);
    }

    /** Whether the values of the job are numbers that need no object. */
    public boolean hasNumbers() {
        return valueCodec() instanceof LongCodec;
    }

    private Object oneOf(String role, String name, Class<?> type, Class<?> orType) {
        if (name.isEmpty()) {
            throw new InvalidJobException("job " + spec.name() + " has no " + role + "; name a class");
        }
        final Object instance;
        try {
            instance = Class.forName(name, true, loader).getConstructor().newInstance();
        } catch (final ClassNotFoundException | NoClassDefFoundError e) {
            throw new InvalidJobException(role + " " + name + " is not on the class path nor in a jar of the job; "
                + "add its jar", e);
        } catch (final NoSuchMethodException | IllegalAccessException | InstantiationException e) {
            throw new InvalidJobException(role + " " + name
                + " cannot be made: it must be public, with a public constructor without parameters", e);
        } catch (final InvocationTargetException | ExceptionInInitializerError e) {
            throw new InvalidJobException(role + " " + name + " cannot be made: its constructor threw "
                + e.getCause(), e);
        }
        if (!type.isInstance(instance) && !orType.isInstance(instance)) {
            throw new InvalidJobException(role + " " + name + " is neither a " + type.getSimpleName() + " nor a "
                + orType.getSimpleName() + "; implement one of them");
        }
        return instance;
    }

    @Override
    public void close() {
        own.ifPresent(urlLoader -> {
            try {
                urlLoader.close();
            } catch (final IOException e) {
                throw new InvalidJobException("a jar of job " + spec.name() + " cannot be closed: " + e, e);
            }
        });
    }
}
