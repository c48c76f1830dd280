/**
 * A replicated key/value store: the node ({@link io.balsa.kv.KvNode}) and its client ({@link io.balsa.kv.KvClient}).
 *
 * <h2>What a node understands</h2>
 * RESP2 over TCP, as redis-cli and the common client libraries speak it. Any node accepts any request; one that does
 * not lead passes it on to the leader. Keys are at most 64 KiB, values 1 MiB (after APPEND too), a command 2 MiB in
 * all, a reply of several values 16 MiB; what is larger is refused and not logged.
 * <pre>
 * SET key value                 OK                        GET key               value, or null
 * APPEND key suffix             its length then           STRLEN key            its length, 0 if absent
 * DEL key...                    how many were there       EXISTS key...         how many are there
 * CAS key expected new          1, or 0: not as expected  CASABSENT key new     1, or 0: it is there
 * INCR DECR key                 the sum                   INCRBY DECRBY key n   the sum
 * MSET key value...             OK, all at once           MGET key...           values of one moment
 * KEYS prefix*                  at most 10,000            DBSIZE                how many keys there are
 * SCAN cursor [MATCH prefix*] [COUNT n]
 * PING ECHO QUIT INFO SELECT 0 HELLO 2 CLIENT COMMAND CONFIG GET    for client libraries
 * SAVE                          OK, when this node has taken a snapshot; BGSAVE: when it has been told to
 * </pre>
 * A SCAN reads each step from a fresh state, after the last key of the step before, in the order of unsigned bytes: a
 * key that is there throughout is given exactly once. Its cursors are known to the node that gave them, the
 * newest 4,096 of them.
 *
 * <h2>Order and consistency</h2>
 * Replies come in the order of requests. Everything is linearizable, reads included. On one connection a read sees the
 * writes before it and none after it, also when all were sent at once. Writes of a connection
 * are executed in its order.
 *
 * <h2>Exactly once</h2>
 * A plain write runs under a session that the node keeps for the connection, and is retried under the same number until
 * its outcome is known or the request deadline (5 s by default) has passed. A client that wants to retry by itself,
 * over several nodes, opens its own session:
 * <pre>
 * BALSA.OPEN                    a client id, never used twice
 * BALSA.DO client seq ack CMD arguments...
 *                               executes CMD (an operation of the first six lines above) once, whichever node it
 *                               is sent to and however often; answers as CMD does.
 *                               seq: 1, 2, 3, ... within the session.
 *                               ack: the highest seq such that this client has its reply and all before it
 * BALSA.CLOSE client            1, or 0: not known
 * </pre>
 * A session keeps the replies above {@code ack}: at most 1,024 of them, about 1 MiB, 64 MiB for all sessions. The group
 * knows 16,384 sessions; one more lets the one expire that was used least recently.
 *
 * <h2>Errors</h2>
 * The first word says what is certain.
 * <pre>
 * -ERR             wrong for this command or the value it met; no effect
 * -TOOLARGE        a limit is exceeded; not executed
 * -UNAVAILABLE     no leader took it in time; not executed
 * -OVERLOADED      too much is under way; not executed
 * -DISKFULL        the leader's disk is full; not executed. So are later writes of the same pipeline
 * -UNKNOWN         it may have been executed, or may yet be, once. A plain connection goes on under another session
 * -STALE           BALSA.DO: executed before, its reply is no longer kept
 * -SEQUENCE        BALSA.DO: not the number that follows; not executed
 * -SESSIONEXPIRED  BALSA.DO: the session is not known; this attempt was not executed, an earlier one may have been
 * -NOTLEADER       host:port, or ? if nobody leads now; only after BALSA.DIRECT; not executed
 * </pre>
 * What is not RESP is answered {@code -ERR Protocol error ...} and the connection closed.
 *
 * <h2>For tools and other nodes</h2>
 * <pre>
 * BALSA.DIRECT                  OK; from now on requests on this connection are not passed on
 * BALSA.RANGE prefix limit [after]
 *                               1 if keys were left out, else 0; then the keys of the prefix, after the key given
 * BALSA.READINDEX               an index; a state that shows the entries up to it shows all acknowledged before
 * BALSA.SNAPSHOT [index]        has this node take a snapshot of a state that shows the entries up to index at least;
 *                               names and values in turn: index, term, bytes, stateHash, contentHash, clusterId
 *                               (hexadecimal, these three), members (separated by commas). Answered when it is durable.
 *                               At most one a second is taken because clients ask; who asks meanwhile waits its turn
 * BALSA.FETCH index offset      bytes of the state in the snapshot this connection had taken, or in the newest: from
 *                               offset 0, then in order; none at the end. For four connections at once; one that asks
 *                               for nothing for 60 seconds has to begin again
 * BALSA.STATUS                  this node, as one JSON object: id, role, term, leader (-1: none known), firstIndex,
 *                               lastIndex, durableIndex, commitIndex, appliedIndex, voter, standing (voter, follower,
 *                               rebuilding, vote_lost), durability (forced, memory_quorum), unforced (how many
 *                               entries at the log's end), quorumTrouble (null, or why no quorum can be formed),
 *                               clusterId (hexadecimal), elections, peers [{id, matchIndex,
 *                               nextIndex, streaming, connected, resp}], snapshotIndex (0: none), snapshotsTaken,
 *                               snapshotsInstalled, snapshotWriting, snapshotFailure (null, or why), sessions, keys,
 *                               framesDropped, sendsRefused, checkIndex, stateHash, agreedIndex, mismatch (null, or
 *                               which voters' states differ), slowApplies, slowestApplyMs, failure (null, or why it
 *                               stopped)
 * </pre>
 */
package io.balsa.kv;
