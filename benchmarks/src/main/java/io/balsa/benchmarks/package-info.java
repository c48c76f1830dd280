/**
 * What a commit costs, beside what the disk and the wire cost in the same run.
 *
 * <p>{@link io.balsa.benchmarks.Main} runs everything and prints one table; each class is also an ordinary JMH
 * benchmark. All groups are three nodes in this one JVM, over real Aeron UDP on loopback, with every commit forced to
 * disk on a majority before it is answered ({@code FORCED}).
 *
 * <pre>
 *   CommitLatency      one command at a time                       SampleTime: percentiles
 *   CommitThroughput   1 to 1024 commands under way                Throughput
 *   LogAppend          one entry appended and forced               beside: the same on a plain file, alone and by three
 *   RoundTrip          one frame there and back                    beside: a plain UDP socket, spinning
 * </pre>
 */
package io.balsa.benchmarks;
