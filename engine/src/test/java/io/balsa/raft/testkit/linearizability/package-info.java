/**
 * Checks whether what clients of a service saw can be explained by one copy of it that does one thing at a time: each
 * operation takes effect at one instant between its call and its return (linearizability, Herlihy and Wing 1990).
 *
 * <p>Record what the clients do, then ask:
 * <pre>{@code
 * Recorder<KeyValue.Request, String> recorder = new Recorder<>(System::nanoTime);
 *
 * int read = recorder.invoked(clientId, KeyValue.get("color"));     // before the request is sent
 * recorder.returned(read, "green");                                 // after its reply has come
 *
 * int write = recorder.invoked(clientId, KeyValue.put("color", "red"));
 * recorder.unknown(write);                                          // timed out: it may still happen
 *
 * LinearizabilityChecker.of(new KeyValue()).check(recorder.history()).require();
 * }</pre>
 *
 * <p>Bring your own {@link io.balsa.raft.testkit.linearizability.Model} for another service. A verdict that is not
 * {@link io.balsa.raft.testkit.linearizability.Verdict.Linearizable} says why in words, and
 * {@link io.balsa.raft.testkit.linearizability.Window#html()} draws it.
 */
package io.balsa.raft.testkit.linearizability;
