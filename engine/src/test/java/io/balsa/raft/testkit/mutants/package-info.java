/**
 * Known pitfalls, planted: each is a small change of the product's source, made in memory while the tests run, and a
 * test is named that must report it. A test suite that lets one of them live is weaker than it looks.
 * {@link io.balsa.raft.testkit.mutants.MutationGate} is the way in.
 */
package io.balsa.raft.testkit.mutants;
