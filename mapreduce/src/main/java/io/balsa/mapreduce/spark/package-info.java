/**
 * The same jobs on Apache Spark, for input that is too much for one machine. Nothing else of Balsa knows Spark or this
 * package: it is found as an {@link io.balsa.mapreduce.Engine}, and needs Spark's jars on the class path when it runs.
 */
package io.balsa.mapreduce.spark;
