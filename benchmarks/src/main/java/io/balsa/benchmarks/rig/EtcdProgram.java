package io.balsa.benchmarks.rig;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The program etcd, where it is installed, and how its nodes are started. */
final class EtcdProgram {
    private EtcdProgram() {
    }

    /** Where etcd is: {@code -Drig.etcd}, or on the PATH. */
    static Optional<Path> executable() {
        final String named = System.getProperty("rig.etcd", "");
        if (!named.isEmpty()) {
            return Optional.of(Path.of(named));
        }
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
            .map(folder -> Path.of(folder, "etcd")).filter(Files::isExecutable).findFirst();
    }

    static Processes processes(Setting setting) {
        final String etcd = executable().orElseThrow(() -> new IllegalStateException(
            "etcd is not on the PATH: install etcd-server or name it in $ETCD")).toString();
        return new Processes(id -> {
            final List<String> command = new ArrayList<>(List.of(etcd, "--name", "n" + id,
                "--data-dir", setting.home(id).toString(),
                "--listen-client-urls", "http://" + client(id), "--advertise-client-urls", "http://" + client(id),
                "--listen-peer-urls", "http://" + peer(id), "--initial-advertise-peer-urls", "http://" + peer(id),
                "--initial-cluster", Ports.forAll(node -> "n" + node + "=http://" + peer(node), ","),
                "--initial-cluster-state", "new", "--logger", "zap", "--log-level", "panic",
                "--quota-backend-bytes", "8589934592"));
            if (setting.shortTimeouts()) {
                command.addAll(List.of("--heartbeat-interval", "30", "--election-timeout", "150"));
            }
            return command;
        });
    }

    /** Where clients find node {@code id}. */
    static String client(int id) {
        return Ports.address(id, 0);
    }

    private static String peer(int id) {
        return Ports.address(id, 1);
    }
}
