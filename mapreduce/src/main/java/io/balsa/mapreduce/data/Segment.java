package io.balsa.mapreduce.data;

/**
 * Sorted pairs in blocks: a file, or a part of one.
 * <pre>
 *   block:  length of what follows the checksum (4 bytes)  CRC32C of it (4 bytes)  pair ...       little-endian
 *   pair:   key length  value length  key  value            lengths of 1 to 5 bytes, seven bits each, lowest first
 * </pre>
 *
 * @param position where its first block begins
 * @param bytes    the length of all blocks
 * @param crc      CRC32C over the heads of all blocks
 */
record Segment(long position, long bytes, int crc) {
    /** What comes before a block's pairs. */
    static final int BLOCK_HEAD = 2 * Integer.BYTES;
    /** The length from which on a block is written; only a pair that is longer makes it longer. */
    static final int BLOCK = 1 << 16;
    static final Segment EMPTY = new Segment(0, 0, 0);
}
