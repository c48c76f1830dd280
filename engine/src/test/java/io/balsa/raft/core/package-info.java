/** The rules one by one, next to Figure 2: what a server says when it hears something, and what it must not say. */
package io.balsa.raft.core;
