/** The Raft engine as an embedding service sees it. */
package io.balsa.raft;
