/** The command {@code mr}: runs jobs here, and serves, feeds and watches a standing service. */
package io.balsa.mapreduce.cli;
