package io.balsa.mapreduce.cli;

import java.util.List;

import io.balsa.mapreduce.wire.RemoteCoordination;
import picocli.CommandLine.Option;

/** How to find the service. */
final class ServiceOptions {
    @Option(names = "--coordinators", split = ",", defaultValue = "127.0.0.1:7600", paramLabel = "HOST:PORT",
        description = "where the coordinators are asked (default: ${DEFAULT-VALUE})")
    private List<String> coordinators;

    RemoteCoordination connect(String patienceOption, String patience) {
        return RemoteCoordination.open(coordinators, Amounts.time(patienceOption, patience));
    }
}
