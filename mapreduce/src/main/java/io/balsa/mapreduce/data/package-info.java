/** How one task does its work: reading input, keeping pairs in bounded memory, sorting, merging, writing. */
package io.balsa.mapreduce.data;
