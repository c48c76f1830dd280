/**
 * Jobs in the manner of Dean and Ghemawat, "MapReduce: Simplified Data Processing on Large Clusters" (OSDI 2004): what
 * a user writes ({@link io.balsa.mapreduce.Mapper}, {@link io.balsa.mapreduce.Reducer}, or the same over bytes), how a
 * job is described ({@link io.balsa.mapreduce.Job}) and how it is run ({code MapReduce}).
 */
package io.balsa.mapreduce;
