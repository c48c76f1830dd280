package io.balsa.kv.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "status",
    description = "Shows every node as it sees itself. Ends with status 3 when none can be asked.")
final class StatusCommand implements Callable<Integer> {
    @Mixin
    private ClientOptions options;

    @Option(names = "--json", description = "print {\"nodes\":[...]}, one object a node that answered")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        final List<NodeStatus> nodes = NodeStatus.ask(options.cluster(), options.timeout());
        if (json) {
            printJson(nodes);
        } else {
            printTable(nodes);
        }
        return nodes.stream().anyMatch(NodeStatus::answered) ? ExitCode.OK : ExitCode.UNAVAILABLE;
    }

    private static void printJson(List<NodeStatus> nodes) {
        final List<String> objects = new ArrayList<>();
        for (final NodeStatus node : nodes) {
            switch (node) {
                case NodeStatus.Answered answered -> objects.add(answered.json());
                case NodeStatus.Unreachable(String reason) -> Messages.error(reason);
            }
        }
        Results.line("{\"nodes\":[" + String.join(",", objects) + "]}");
    }

    private static void printTable(List<NodeStatus> nodes) {
        final StatusTable table = new StatusTable();
        for (final NodeStatus node : nodes) {
            switch (node) {
                case NodeStatus.Answered answered -> table.add(answered.fields());
                case NodeStatus.Unreachable(String reason) -> table.addUnreachable(reason);
            }
        }
        table.lines().forEach(Results::line);
    }
}
