/** What every adapter of a port must do, as abstract test classes that an adapter's own test extends and supplies. */
package io.balsa.raft.testkit.contract;
