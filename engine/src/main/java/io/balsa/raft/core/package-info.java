/** Raft's rules, pure: no threads, no clock, no IO, no bytes. */
package io.balsa.raft.core;
