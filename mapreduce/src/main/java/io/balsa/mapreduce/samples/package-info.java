/** Jobs that come with the engine: to be run by name, to be read as examples. */
package io.balsa.mapreduce.samples;
