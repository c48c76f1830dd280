/**
 * A whole group in one thread, driven by one seed: real nodes over a simulated network, disk and clock, with the
 * safety properties checked as it runs. {@link io.balsa.raft.testkit.Simulation} is the way in; bring your own state
 * machine and commands. {@link io.balsa.raft.testkit.SimLab} is for stories of your own: what happens to which server,
 * step by step.
 */
package io.balsa.raft.testkit;
