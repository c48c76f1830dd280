package io.balsa.kv;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.balsa.raft.spi.RaftException;

/** Accepts clients over TCP, one virtual thread for each. */
final class RespServer implements AutoCloseable {
    private static final int BACKLOG = 512;
    private static final int MAX_CURSORS = 4_096;
    private static final long CURSOR_BYTES = 8 << 20;
    private static final long IDLE_LOOK_NS = ClientSnapshots.IDLE_NS / 12;
    private static final byte[] FULL = "-ERR too many connections at this node; close some or ask another node\r\n"
        .getBytes(StandardCharsets.US_ASCII);

    /**
     * @param requestDeadline how long a request may look for a leader that answers it
     * @param maxConnections  more are answered with an error and closed
     * @param readBudget      bytes of large commands read and not yet answered, of all connections together
     */
    record Settings(Duration requestDeadline, int maxConnections, long readBudget) {
        static final Settings DEFAULT = new Settings(Duration.ofSeconds(5), 1_024, 64 << 20);
    }

    /** What all connections of a node use. */
    record Shared(Replica replica, KvStateMachine machine, Router router, SessionPool sessions, ScanCursors cursors,
                  ReadBudget budget, ClientSnapshots snapshots, long requestDeadlineNs) {
    }

    private final ServerSocket serverSocket;
    private final Settings settings;
    private final Shared shared;
    private final Upstreams upstreams = new Upstreams();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Thread acceptor;
    private final Thread idleLook;
    private volatile boolean closed;

    private RespServer(ServerSocket serverSocket, Replica replica, KvStateMachine machine, Settings settings) {
        this.serverSocket = serverSocket;
        this.settings = settings;
        this.shared = new Shared(replica, machine, new Router(replica, machine, upstreams),
            new SessionPool(settings.maxConnections), new ScanCursors(MAX_CURSORS, CURSOR_BYTES),
            new ReadBudget(settings.readBudget), new ClientSnapshots(System::nanoTime),
            settings.requestDeadline.toNanos());
        this.acceptor = Thread.ofVirtual().name("resp-accept").unstarted(this::accept);
        this.idleLook = Thread.ofVirtual().name("resp-idle").unstarted(this::closeIdle);
    }

    /**
     * Takes the port, so that it is known to be free before anything else starts.
     *
     * @throws RaftException when it cannot be had
     */
    static ServerSocket bind(HostPort address) {
        try {
            final InetSocketAddress local = address.resolved();
            if (local.isUnresolved()) {
                throw new RaftException("cannot listen on " + address + ": the host is not known here; "
                    + "give a numeric address of this machine");
            }
            final ServerSocket socket = new ServerSocket();
            try {
                socket.setReuseAddress(true); // a former run's closed connections must not hold the port
                socket.bind(local, BACKLOG);
                return socket;
            } catch (IOException e) {
                socket.close();
                throw e;
            }
        } catch (IOException e) {
            throw new RaftException("cannot listen on TCP " + address + " (" + e.getMessage()
                + "); stop what uses it, or choose another port or bind address", e);
        }
    }

    /** Gives a port back that was taken for a server that did not come to be. */
    static void release(ServerSocket bound) {
        try {
            bound.close();
        } catch (IOException e) {
            // closed is what it should be
        }
    }

    static RespServer start(ServerSocket bound, Replica replica, KvStateMachine machine, Settings settings) {
        final RespServer server = new RespServer(bound, replica, machine, settings);
        server.acceptor.start();
        server.idleLook.start();
        return server;
    }

    int port() {
        return serverSocket.getLocalPort();
    }

    /** From outside their connections: one that neither asks nor reads is held up in what it is being sent. */
    private void closeIdle() {
        while (!closed) {
            LockSupport.parkNanos(IDLE_LOOK_NS);
            shared.snapshots.closeIdle();
        }
    }

    private void accept() {
        while (!closed) {
            try {
                final Socket socket = serverSocket.accept();
                if (open.size() >= settings.maxConnections) {
                    refuse(socket);
                } else {
                    open.add(socket);
                    Thread.ofVirtual().name("resp-" + socket.getRemoteSocketAddress()).start(() -> serve(socket));
                }
            } catch (IOException e) {
                // Closed, or out of file descriptors: the latter passes when connections end.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) { // also when close() went through the open ones just before this one was among them
            if (!closed) {
                new ClientConnection(socket, shared).run();
            }
        } catch (IOException e) {
            // closed is what it should be
        } finally {
            open.remove(socket);
        }
    }

    private static void refuse(Socket socket) {
        try (socket) {
            socket.getOutputStream().write(FULL);
        } catch (IOException e) {
            // it need not be told
        }
    }

    /** Stops accepting and cuts every connection; what was under way has an unknown outcome for its client. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(idleLook);
        release(serverSocket);
        for (final Socket socket : open) {
            try {
                socket.close();
            } catch (IOException e) {
                // likewise
            }
        }
        upstreams.close();
    }
}
