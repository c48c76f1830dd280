/**
 * Raft frames over Aeron UDP, with an embedded media driver and without a thread of its own.
 *
 * <pre>
 *  node A, loop thread                                                      node B, loop thread
 *  +--------------------------------------------+                  +-----------------------------+
 *  | offer(B, CONTROL) -> publication 1001 -+   |                  |   +-> subscription 1001 -+  |
 *  |                                        +-> |  UDP to B:port   |   |                      +->| poll
 *  | offer(B, APPEND) --> publication 1002 -+   | ---------------> | >-+-> subscription 1002 -+  |
 *  |                                            |                  |  one socket, all peers      |
 *  |                                            | UDP to B:port+1  |                             |
 *  | offer(B, SNAPSHOT) > publication 1003 ---> | ---------------> | >---> subscription 1003 -->-| poll
 *  |                      (on demand)           |                  |  a socket of its own        |
 *  | offer(C, ...) -----> publications of its   |  UDP to C        +-----------------------------+
 *  |                      own, same streams     | ---------------->
 *  | doWork() = driver.invoke(), client.invoke()|
 *  +--------------------------------------------+
 * </pre>
 *
 * <p><b>Streams.</b> A node subscribes once to each stream on its own address; every peer that sends appears there as
 * an image. Towards each peer it holds one exclusive publication for each stream, so each pair (peer, stream) has a
 * log and a flow-control window of its own: a stopped peer fills only its own window, and bulk never queues in front
 * of a vote. Snapshots, bulk that lasts minutes, share not even a socket with the others: they go to the next port,
 * with a short window, and one datagram in each turn of the loop. That publication is made when the first snapshot
 * frame is offered, which is refused, and given up some seconds after the last. Session ids are random, so that a
 * restarted peer need not wait for its former image to time out.
 *
 * <p><b>Threads.</b> None. The driver runs in invoker mode with its executor off; whoever calls
 * {@link io.balsa.aeron.AeronTransport#doWork} is sender, receiver and conductor in turn. On few cores a wake-up costs
 * more than all of Aeron, so there is nobody to wake. What follows: nothing here may block, so peer names are resolved
 * before the loop starts, or on a short-lived thread where that failed.
 *
 * <p><b>Memory.</b> The driver's buffers are files in shared memory, allocated in full before they are used: a full
 * file system is an error message when a buffer is made and never a bus error while it is written. How large they
 * are is chosen at start, see {@link io.balsa.aeron.Profile}; the choice counts the buffers for snapshots to and from
 * every peer, though they are there only while snapshots are.
 *
 * <p><b>Trust.</b> Aeron neither encrypts nor authenticates. Whoever reaches the port can speak to this node: bind to a
 * private interface.
 */
package io.balsa.aeron;
