package io.balsa.aeron;

import io.aeron.Aeron;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.aeron.driver.ext.DebugSendChannelEndpoint;
import io.aeron.exceptions.AeronException;
import io.aeron.logbuffer.LogBufferDescriptor;
import io.aeron.driver.reports.LossReportUtil;
import io.balsa.raft.spi.TransportException;
import org.agrona.CloseHelper;
import org.agrona.ErrorHandler;
import org.agrona.LangUtil;
import org.agrona.concurrent.AgentInvoker;
import org.agrona.concurrent.AgentTerminationException;
import org.agrona.concurrent.NoOpLock;
import org.agrona.concurrent.YieldingIdleStrategy;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** One media driver and one client of it, both run by whoever calls {@link #invoke}. */
final class EmbeddedAeron implements AutoCloseable {
    /**
     * Longer than any pause of a loop that should survive it: a garbage collection, a stopped process, a suspended
     * machine. The client and the driver live and die together, so neither needs to notice the other's death.
     */
    private static final long PAUSE_SURVIVED_NS = TimeUnit.HOURS.toNanos(1);
    /** At most one datagram for each publication leaves in one turn, so a burst needs several. */
    private static final int MAX_TURNS = 16;

    private final BufferDirectory directory;
    private final MediaDriver driver;
    private final Aeron client;
    private final AgentInvoker driverInvoker;
    private final AgentInvoker clientInvoker;
    private final Errors errors;

    private EmbeddedAeron(BufferDirectory directory, MediaDriver driver, Aeron client, Errors errors) {
        this.directory = directory;
        this.driver = driver;
        this.client = client;
        this.errors = errors;
        driverInvoker = driver.sharedAgentInvoker();
        clientInvoker = client.conductorAgentInvoker();
    }

    static EmbeddedAeron launch(Optional<LinkFaults> faults, BufferDirectory directory, Tuning tuning) {
        final Errors errors = new Errors();
        final MediaDriver.Context driverContext = driverContext(directory, errors);
        final Aeron.Context clientContext = clientContext(directory, errors);
        faults.ifPresent(rates -> driverContext.sendChannelEndpointSupplier((channel, status, context) ->
            new DebugSendChannelEndpoint(channel, status, context,
                (address, buffer, length) -> rates.losesNext(address), (address, buffer, length) -> false)));
        tuning.apply(driverContext, clientContext);
        MediaDriver driver = null;
        try {
            driver = MediaDriver.launch(driverContext);
            directory.restrictToOwner();
            allocateLossReport(directory);
            clientContext.driverAgentInvoker(driver.sharedAgentInvoker());
            return new EmbeddedAeron(directory, driver, Aeron.connect(clientContext), errors);
        } catch (IOException | RuntimeException | InternalError e) {
            CloseHelper.quietClose(driver);
            directory.remove();
            throw new TransportException("cannot start the media driver in " + directory.path() + ": "
                + e.getMessage() + "; check free space and permissions there", e);
        }
    }

    Aeron client() {
        return client;
    }

    /**
     * Runs driver and client once.
     *
     * @param burst whether more was just offered than one turn sends: then the driver goes on until all of it has
     *              left, or for long enough
     * @return how much was done
     * @throws TransportException when either has died
     */
    int invoke(boolean burst) {
        try {
            int done = driverInvoker.invoke();
            int work = done + clientInvoker.invoke();
            for (int turn = 1; burst && done > 0 && turn < MAX_TURNS; turn++) {
                done = driverInvoker.invoke();
                work += done;
            }
            if (!driverInvoker.isRunning() || client.isClosed()) {
                throw dead(errors.last());
            }
            return work;
        } catch (InternalError e) {
            // A mapped page could not be had: the file system filled up under a file that was not allocated in full.
            throw dead(e);
        }
    }

    Errors errors() {
        return errors;
    }

    @Override
    public void close() {
        CloseHelper.quietCloseAll(client, driver);
        directory.remove();
    }

    private TransportException dead(Throwable cause) {
        return new TransportException("the media driver in " + directory.path() + " has stopped: "
            + (cause == null ? "its thread was interrupted" : cause) + "; restart this node", cause);
    }

    private static MediaDriver.Context driverContext(BufferDirectory directory, ErrorHandler errors) {
        final BufferPlan plan = directory.plan();
        return new MediaDriver.Context()
            .aeronDirectoryName(directory.path().toString())
            .threadingMode(ThreadingMode.INVOKER)
            .asyncExecutorEnabled(false)
            .dirDeleteOnStart(true)
            .dirDeleteOnShutdown(true)
            .warnIfDirectoryExists(false)
            .errorHandler(errors)
            // Room is checked by the plan, and again by the driver for each log; a low-water warning adds nothing.
            .performStorageChecks(true)
            .lowStorageWarningThreshold(0)
            .termBufferSparseFile(false)
            .publicationTermBufferLength(plan.appendTerm())
            .ipcTermBufferLength(LogBufferDescriptor.TERM_MIN_LENGTH)
            .counterValuesBufferLength(BufferPlan.COUNTER_VALUES)
            .publicationTermWindowLength(plan.receiverWindow())
            .initialWindowLength(plan.receiverWindow())
            .socketRcvbufLength(plan.sockets().receive())
            .socketSndbufLength(plan.sockets().send())
            .mtuLength(plan.appendMtu())
            .spiesSimulateConnection(false)
            // Detecting failures is Raft's part. These only clean up after a peer, and bound how old a frame can be
            // that was buffered for a dead one; shorter, and a busy machine loses connections for nothing.
            .publicationConnectionTimeoutNs(TimeUnit.SECONDS.toNanos(1))
            .imageLivenessTimeoutNs(TimeUnit.SECONDS.toNanos(2))
            .publicationLingerTimeoutNs(TimeUnit.MILLISECONDS.toNanos(100))
            .untetheredWindowLimitTimeoutNs(TimeUnit.SECONDS.toNanos(1))
            .untetheredRestingTimeoutNs(TimeUnit.SECONDS.toNanos(1))
            .counterFreeToReuseTimeoutNs(TimeUnit.MILLISECONDS.toNanos(500))
            // The timer interval rounds up every other timeout; by default it is a second.
            .timerIntervalNs(TimeUnit.MILLISECONDS.toNanos(10))
            .statusMessageTimeoutNs(TimeUnit.MILLISECONDS.toNanos(50))
            // A lost retransmission is not asked for again before this has passed.
            .retransmitUnicastLingerNs(TimeUnit.MILLISECONDS.toNanos(2))
            .clientLivenessTimeoutNs(PAUSE_SURVIVED_NS)
            .publicationUnblockTimeoutNs(2 * PAUSE_SURVIVED_NS)
            .driverTimeoutMs(TimeUnit.NANOSECONDS.toMillis(PAUSE_SURVIVED_NS));
    }

    private static Aeron.Context clientContext(BufferDirectory directory, ErrorHandler errors) {
        return new Aeron.Context()
            .aeronDirectoryName(directory.path().toString())
            .useConductorAgentInvoker(true)
            .clientLock(NoOpLock.INSTANCE)
            .awaitingIdleStrategy(YieldingIdleStrategy.INSTANCE)
            .driverTimeoutMs(TimeUnit.NANOSECONDS.toMillis(PAUSE_SURVIVED_NS))
            .keepAliveIntervalNs(TimeUnit.SECONDS.toNanos(1))
            .idleSleepDurationNs(TimeUnit.MILLISECONDS.toNanos(1))
            .resourceLingerDurationNs(TimeUnit.MILLISECONDS.toNanos(500))
            .errorHandler(errors)
            // What the engine throws while it handles a frame must reach the engine's loop, not a counter here.
            .subscriberErrorHandler(LangUtil::rethrowUnchecked);
    }

    /** The driver maps this file sparse and writes to it when datagrams are lost: its pages must exist by then. */
    private static void allocateLossReport(BufferDirectory directory) throws IOException {
        final File report = LossReportUtil.file(directory.path().toString());
        try (RandomAccessFile file = new RandomAccessFile(report, "rw")) {
            file.write(new byte[Math.toIntExact(file.length())]);
        }
    }

    /** Changes the contexts before they are used; for tests. */
    @FunctionalInterface
    interface Tuning {
        Tuning NONE = (driver, client) -> { };

        void apply(MediaDriver.Context driver, Aeron.Context client);
    }

    /** Counts what Aeron reports and keeps the last of it; a network that misbehaves must not flood a console. */
    static final class Errors implements ErrorHandler {
        private long count;
        private Throwable last;

        @Override
        public void onError(Throwable error) {
            count++;
            // The reason of a death is worth more than the complaints that follow it.
            if (!isFatal(last)) {
                last = error;
            }
        }

        long count() {
            return count;
        }

        /** The last error, or the one that was the end; null when there was none. */
        Throwable last() {
            return last;
        }

        private static boolean isFatal(Throwable error) {
            return error instanceof Error || error instanceof AgentTerminationException
                || AeronException.isFatal(error);
        }
    }
}
