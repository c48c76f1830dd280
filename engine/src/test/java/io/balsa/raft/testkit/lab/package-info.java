/**
 * The scenarios of the MIT 6.824 labs on Raft, for any {@link io.balsa.raft.testkit.LabGroup}: simulated or real
 * servers alike. Steps and limits are those of the course; see docs/LABS.md.
 */
package io.balsa.raft.testkit.lab;
