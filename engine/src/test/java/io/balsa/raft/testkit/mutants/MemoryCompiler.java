package io.balsa.raft.testkit.mutants;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Compiles changed sources against the present class path; what it makes stays in memory. */
final class MemoryCompiler {
    private static final List<String> OPTIONS = List.of("--release", "21", "-proc:none", "-nowarn", "-Xlint:none",
        "-parameters", "-classpath", System.getProperty("java.class.path"));

    private final JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
    /** One for all mutants: it keeps the class path open. */
    private final StandardJavaFileManager files = javac.getStandardFileManager(null, null, null);

    /**
     * @param sources by class name
     * @return class files by class name
     * @throws IllegalStateException if the sources do not compile
     */
    Map<String, byte[]> compile(Map<String, String> sources) {
        final Map<String, ByteArrayOutputStream> made = new HashMap<>();
        final DiagnosticCollector<JavaFileObject> complaints = new DiagnosticCollector<>();
        final List<JavaFileObject> units = new ArrayList<>();
        sources.forEach((name, text) -> units.add(new Source(name, text)));
        final JavaFileManager toMemory = new ForwardingJavaFileManager<>(files) {
            @Override
            public JavaFileObject getJavaFileForOutput(Location location, String className, JavaFileObject.Kind kind,
                                                       FileObject sibling) {
                final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                made.put(className, bytes);
                return new SimpleJavaFileObject(URI.create("memory:///" + className), kind) {
                    @Override
                    public OutputStream openOutputStream() {
                        return bytes;
                    }
                };
            }
        };
        if (!javac.getTask(null, toMemory, complaints, OPTIONS, null, units).call()) {
            throw new IllegalStateException("does not compile: " + complaints.getDiagnostics().stream()
                .filter(complaint -> complaint.getKind() == Diagnostic.Kind.ERROR).map(Object::toString)
                .collect(Collectors.joining("; ")));
        }
        return made.entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().toByteArray()));
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String className, String text) {
            super(URI.create("memory:///" + className.replace('.', '/') + Kind.SOURCE.extension), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
