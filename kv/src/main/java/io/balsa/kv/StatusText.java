package io.balsa.kv;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

import io.balsa.raft.RaftStatus;
import io.balsa.raft.spi.Storage;

/** A node's status as JSON, and the little of it that INFO shows. */
final class StatusText {
    private static final String CLUSTER_ID = "cluster_id:";

    private StatusText() {
    }

    static String json(RaftStatus status, Storage.Standing opened, int sessions, int keys) {
        final StringBuilder json = new StringBuilder(512).append('{');
        number(json, "id", status.nodeId());
        text(json, "role", role(status));
        number(json, "term", status.term());
        number(json, "leader", status.leaderId());
        number(json, "firstIndex", status.snapshots().firstIndex());
        number(json, "lastIndex", status.lastIndex());
        number(json, "durableIndex", status.durableIndex());
        number(json, "commitIndex", status.commitIndex());
        number(json, "appliedIndex", status.appliedIndex());
        literal(json, "voter", Boolean.toString(status.voter()));
        text(json, "standing", standing(status, opened));
        text(json, "durability", status.durability().name().toLowerCase(Locale.ROOT));
        number(json, "unforced", status.lastIndex() - status.durableIndex());
        textOrNull(json, "quorumTrouble", status.quorumTrouble());
        text(json, "clusterId", Long.toHexString(status.clusterId()));
        number(json, "elections", status.elections());
        name(json, "peers").append('[');
        for (final RaftStatus.Peer peer : status.peers()) {
            peer(json, peer);
        }
        json.append(']');
        number(json, "snapshotIndex", status.snapshots().index());
        number(json, "snapshotsTaken", status.snapshots().taken());
        number(json, "snapshotsInstalled", status.snapshots().installed());
        literal(json, "snapshotWriting", Boolean.toString(status.snapshots().writing()));
        number(json, "snapshotReceived", status.snapshots().received());
        number(json, "snapshotReceiving", status.snapshots().receiving());
        textOrNull(json, "snapshotFailure", status.snapshots().failure());
        number(json, "sessions", sessions);
        number(json, "keys", keys);
        number(json, "framesDropped", status.framesDropped());
        number(json, "sendsRefused", status.sendsRefused());
        number(json, "checkIndex", status.stateCheck().index());
        text(json, "stateHash", Long.toHexString(status.stateCheck().hash()));
        number(json, "agreedIndex", status.stateCheck().agreedIndex());
        textOrNull(json, "mismatch", status.stateCheck().mismatch());
        number(json, "slowApplies", status.slowApplies().count());
        number(json, "slowestApplyMs", status.slowApplies().longestMs());
        name(json, "stages").append('[');
        for (final RaftStatus.Stage stage : status.stages()) {
            stage(json, stage);
        }
        json.append(']');
        textOrNull(json, "failure", status.failure());
        return json.append('}').toString();
    }

    /** A server becomes a voter while it runs, and nothing else. */
    private static String standing(RaftStatus status, Storage.Standing opened) {
        return (status.voter() ? Storage.Standing.VOTER : opened).name().toLowerCase(Locale.ROOT);
    }

    private static void textOrNull(StringBuilder json, String name, Optional<String> value) {
        if (value.isPresent()) {
            text(json, name, value.get());
        } else {
            literal(json, name, "null");
        }
    }

    static String info(RaftStatus status, int sessions, int keys) {
        return "# Server\r\nserver:balsa\r\nredis_mode:cluster-of-one-shard\r\n# Replication\r\nrole:"
            + (status.leaderId() == status.nodeId() ? "master" : "slave") + "\r\nraft_role:" + role(status)
            + "\r\n" + CLUSTER_ID + Long.toHexString(status.clusterId()) + "\r\nraft_term:" + status.term()
            + "\r\nraft_leader:" + status.leaderId() + "\r\nraft_applied_index:"
            + status.appliedIndex() + "\r\nsessions:" + sessions + "\r\n# Persistence\r\nrdb_bgsave_in_progress:"
            + (status.snapshots().writing() ? 1 : 0) + "\r\nrdb_last_bgsave_status:"
            + (status.snapshots().failure().isPresent() ? "err" : "ok") + "\r\nlog_durability:"
            + status.durability().name().toLowerCase(Locale.ROOT) + "\r\nlog_first_index:"
            + status.snapshots().firstIndex() + "\r\nsnapshot_index:" + status.snapshots().index()
            + "\r\nsnapshots_taken:" + status.snapshots().taken() + "\r\nsnapshots_installed:"
            + status.snapshots().installed() + "\r\n# Keyspace\r\ndb0:keys=" + keys + "\r\n";
    }

    /** The cluster's id in what {@link #info} made; empty where a node of another version leaves it out. */
    static OptionalLong clusterIdIn(String info) {
        return info.lines().filter(line -> line.startsWith(CLUSTER_ID))
            .mapToLong(line -> Long.parseUnsignedLong(line.substring(CLUSTER_ID.length()).strip(), 16)).findFirst();
    }

    private static void stage(StringBuilder json, RaftStatus.Stage stage) {
        separate(json).append('{');
        text(json, "name", stage.name());
        number(json, "count", stage.count());
        number(json, "p50Ns", stage.p50Ns());
        number(json, "p99Ns", stage.p99Ns());
        number(json, "maxNs", stage.maxNs());
        json.append('}');
    }

    private static void peer(StringBuilder json, RaftStatus.Peer peer) {
        separate(json).append('{');
        number(json, "id", peer.nodeId());
        number(json, "matchIndex", peer.matchIndex());
        number(json, "nextIndex", peer.nextIndex());
        literal(json, "streaming", Boolean.toString(peer.streaming()));
        literal(json, "connected", Boolean.toString(peer.connected()));
        text(json, "resp", peer.advertised());
        json.append('}');
    }

    private static String role(RaftStatus status) {
        return status.role().name().toLowerCase(Locale.ROOT);
    }

    private static void number(StringBuilder json, String name, long value) {
        name(json, name).append(value);
    }

    private static void literal(StringBuilder json, String name, String value) {
        name(json, name).append(value);
    }

    private static void text(StringBuilder json, String name, String value) {
        name(json, name).append('"');
        for (int i = 0; i < value.length(); i++) {
            final char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ') {
                json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }

    private static StringBuilder name(StringBuilder json, String name) {
        return separate(json).append('"').append(name).append("\":");
    }

    private static StringBuilder separate(StringBuilder json) {
        final char last = json.charAt(json.length() - 1);
        return last == '{' || last == '[' ? json : json.append(',');
    }
}
