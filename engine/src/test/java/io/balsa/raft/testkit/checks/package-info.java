/** What must hold in every run: Figure 3 of the Raft paper and the promises of the public API, one class each. */
package io.balsa.raft.testkit.checks;
