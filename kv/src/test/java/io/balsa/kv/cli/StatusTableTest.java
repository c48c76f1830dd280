package io.balsa.kv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

import org.junit.jupiter.api.Test;

final class StatusTableTest {
    @Test
    void showsEveryNodeAndOnTheLeaderHowFarThePeersAre() {
        final StatusTable table = new StatusTable();
        table.add(JsonReader.object("""
            {"id":0,"role":"leader","term":7,"leader":0,"firstIndex":61,"lastIndex":120,"durableIndex":119,
             "commitIndex":118,"appliedIndex":118,"voter":true,"snapshotIndex":90,"snapshotsTaken":3,
             "snapshotsInstalled":0,"snapshotWriting":true,"snapshotFailure":null,"peers":[
              {"id":1,"matchIndex":118,"streaming":true,"connected":true},
              {"id":2,"matchIndex":40,"streaming":false,"connected":true},
              {"id":3,"matchIndex":0,"streaming":false,"connected":false}],"failure":null}"""));
        table.add(JsonReader.object("""
            {"id":1,"role":"follower","term":7,"leader":-1,"firstIndex":1,"lastIndex":118,"durableIndex":118,
             "commitIndex":100,"appliedIndex":100,"voter":false,"standing":"rebuilding","snapshotIndex":0,
             "snapshotsTaken":0,
             "snapshotsInstalled":1,"snapshotWriting":false,"snapshotReceived":500,"snapshotReceiving":2000,
             "snapshotFailure":"the disk is full",
             "peers":[],"failure":"the disk is gone"}"""));
        table.addUnreachable("h:7402 does not answer");
        assertEquals(List.of(
            "node  role         term  leader  first  last  durable  commit  applied  snapshot             tak"
                + "en  installed  voter               peers",
            "0     leader       7     0       61     120   119      118     118      90 (writing)         3  "
                + "    0          yes                 1:118 2:40 (probing) 3:0 (not heard)",
            "1     follower     7     -       1      118   118      100     100      0 (receiving, 25 %)  0  "
                + "    1          no (being rebuilt)  -",
            "-     unreachable  -     -       -      -     -        -       -        -                    -  "
                + "    -          -                   h:7402 does not answer",
            "node 1 could not take a snapshot: the disk is full",
            "node 1 has stopped: the disk is gone"), table.lines());
    }
}
