/**
 * The durable state of one node in one directory: {@link io.balsa.mmap.MmapStorage} is the way in.
 *
 * <pre>
 *  DIR/
 *    lock                            held while a process has the directory open
 *    vote                            identity, standing, term, vote, boot counter: two slots, written in turn
 *    log/
 *      run-0000000007/               one directory per start, by boot counter: a Chronicle Queue of its own
 *        19700101-12LX.cq4           segment 12 (the queue's clock counts segments as hours)
 *        19700101-13LX.precreated    the next segment, allocated ahead, empty
 *        metadata.cq4t               the queue's own; means nothing to a later run
 *      run-0000000006/
 *        19700101-11LX.cq4           of a former run: read, never written again; its unused end is given back
 *    snapshots/                      the newest two, named by index, term and content hash
 *      0000000000000120000-4-9f3c0d5e71a2b846.snapshot
 *      0000000000000110000-4-17d2a90b3ce4f865.snapshot
 *      0000000000000130000-4.saving  being written; deleted at the next start, as is *.receiving
 *      *.snapshot.damaged            found not to be whole at a start, and kept for a person to look at
 *    damaged/                        what was moved aside when the directory was prepared to be rebuilt
 * </pre>
 *
 * A segment holds records in the framing of Chronicle Queue. Every record begins with the same header, little endian:
 *
 * <pre>
 *   0        4            8             10         12       14        16         20        24          32
 *  +--------+------------+-------------+----------+--------+---------+----------+---------+-----------+------------+
 *  | crc32c | bodyLength | blockLength | template | schema | version | storeTag | prevCrc | recordSeq | durableSeq |
 *  +--------+------------+-------------+----------+--------+---------+----------+---------+-----------+------------+
 *
 *   40                                                                                            template
 *  | clusterId 8 | storeId 8 | firstRecordSeq 8 | nextIndex 8 | segment 4 | nodeId 4 |           1 segment header
 *  | index 8 | term 8 | kind 1 | 3 unused | command length 4 | command ...            |           2 entry
 *  | fromIndex 8 |                                                                                3 truncate
 *  | lastIndex 8 |                                                                                4 close
 *  | baseIndex 8 | baseTerm 8 | lastIndex 8 |                                                     5 compaction
 *  | baseIndex 8 | baseTerm 8 |                                                                   6 reset
 * </pre>
 *
 * <ul>
 * <li>{@code crc32c} covers everything after itself; {@code prevCrc} and a gapless {@code recordSeq} chain the records
 * through all segments and runs, so a record can neither vanish nor come back unnoticed;</li>
 * <li>{@code durableSeq} is what was known to be forced when the record was written: it tells damage to durable data
 * from a torn tail, see {@link io.balsa.mmap.Recovery};</li>
 * <li>{@code storeTag} is derived from store and segment.</li>
 * </ul>
 *
 * <p>{@link io.balsa.mmap.SnapshotFormat} draws a snapshot. Its bytes are the same on every member.
 *
 * <p>Three threads share the work of the log. The loop thread builds records in memory and reads. The log thread
 * checksums, copies, forces, and says what is durable. The preparer allocates the next segment, so that a full disk is
 * noticed before an entry is taken, and gives back what is not needed any more. They meet in
 * {@link io.balsa.mmap.Progress}.
 *
 * <p>A compaction record says that entries up to {@code baseIndex} may be missing; a reset record, that all entries
 * before it are void and the log goes on behind {@code baseIndex}. When it is durable, segments are deleted from the
 * oldest on, and the pages at the front of the oldest that stays are given back: there are zeros then, from behind its
 * header to the first record that is needed.
 *
 * <p>What cannot be told: damage to the last batch forced before a crash, with nothing written after it, looks like a
 * batch that was never forced. A clean stop and every start leave a mark in the vote file, so this is about the last
 * batch of a run that crashed. Likewise damage to the newer slot of the vote file looks like a vote that was cut short.
 */
package io.balsa.mmap;
