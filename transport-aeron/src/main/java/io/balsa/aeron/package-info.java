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
 *  | offer(C, ...) -----> publications of its   |  UDP to C:port   +-----------------------------+
 *  |                      own, same two streams | ---------------->
 *  | doWork() = driver.invoke(), client.invoke()|
 *  +--------------------------------------------+
 * </pre>
 *
 * <p><b>Streams.</b> A node subscribes once to each stream on its own address; every peer that sends appears there as
 * an image. Towards each peer it holds one exclusive publication for each stream, so each pair (peer, stream) has a
 * log and a flow-control window of its own: a stopped peer fills only its own window, and bulk never queues in front
 * of a vote. Session ids are random, so that a restarted peer need not wait for its former image to time out.
 *
 * <p><b>Threads.</b> None. The driver runs in invoker mode with its executor off; whoever calls
 * {@link io.balsa.aeron.AeronTransport#doWork} is sender, receiver and conductor in turn. On few cores a wake-up costs
 * more than all of Aeron, so there is nobody to wake. What follows: nothing here may block, so peer names are resolved
 * before the loop starts, or on a short-lived thread where that failed.
 *
 * <p><b>Memory.</b> The driver's buffers are files in shared memory, allocated in full before they are used: a full
 * file system is an error message when a buffer is made and never a bus error while it is written. How large they
 * are is chosen at start, see {@link io.balsa.aeron.Profile}.
 *
 * <p><b>Trust.</b> Aeron neither encrypts nor authenticates. Whoever reaches the port can speak to this node: bind to a
 * private interface.
 */
package io.balsa.aeron;
