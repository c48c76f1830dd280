/**
 * Runs tasks: each on a virtual thread, as many at a time as there are permits to compute, while platform threads tell
 * the coordinator that the worker lives.
 */
package io.balsa.mapreduce.worker;
