/**
 * What passes between those who decide which task runs where and those who run one: tasks, results, and the ways in
 * which a task ends without a result.
 */
package io.balsa.mapreduce.task;
