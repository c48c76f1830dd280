/** What every adapter of a port must do, as abstract test classes: an adapter's own test extends one and supplies it. */
package io.balsa.raft.testkit.contract;
