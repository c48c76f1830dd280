/**
 * Who decides which task runs where, and remembers what has been done.
 *
 * <pre>
 *   workers, clients --requests--> RequestLink --> Coordinator --commands--> RaftNode --> JobStateMachine
 *          ^                                        |   ^  leases, parked      (log)        |  Jobs: what
 *          +------------- answers ------------------+   |  claims: rebuilt                  |  is replicated
 *                                                       +---------- reads ------------------+
 * </pre>
 *
 * <p>The state ({@code JobStateMachine}) knows no time. A leader's clock finds that a lease
 * has run out and says so with a command; a new leader begins with whole leases. Renewals leave nothing in the log,
 * nor do claims that find no task: a task costs two entries, its claim and its report.
 *
 * <p>Payload stays out of the log. It holds the names, lengths and checksums of files; those are on a file system that
 * all processes see.
 */
package io.balsa.mapreduce.coordinator;
