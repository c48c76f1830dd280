/**
 * The same jobs on Apache Spark, for input that is too much for one machine. Nothing else of Balsa knows Spark; this
 * package is built by the profile {@code spark} alone.
 */
package io.balsa.mapreduce.spark;
