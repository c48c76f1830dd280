package io.balsa.aeron;

import io.balsa.raft.spi.TransportException;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.UnresolvedAddressException;

/**
 * What the operating system grants a UDP socket here, in bytes. A window larger than the socket's buffer would lose
 * datagrams silently under every burst, and asking for more than is allowed raises no error: so it is read back.
 */
record SocketBuffers(int receive, int send) {
    /**
     * Binds the node's own address for a moment. Done before anything else: a port in use must be found before the
     * files of the process that uses it are taken for leftovers.
     *
     * @throws TransportException when the address cannot be bound
     */
    static SocketBuffers granted(Endpoint bind, InetSocketAddress address, int wanted) {
        try (DatagramChannel channel = DatagramChannel.open()) {
            channel.bind(address);
            channel.setOption(StandardSocketOptions.SO_RCVBUF, wanted);
            channel.setOption(StandardSocketOptions.SO_SNDBUF, wanted);
            return new SocketBuffers(Math.min(wanted, channel.getOption(StandardSocketOptions.SO_RCVBUF)),
                Math.min(wanted, channel.getOption(StandardSocketOptions.SO_SNDBUF)));
        } catch (BindException e) {
            if (String.valueOf(e.getMessage()).contains("in use")) {
                throw portInUse(bind, e);
            }
            throw new TransportException("cannot listen on UDP " + bind + ": " + e.getMessage()
                + "; bind an address of this host", e);
        } catch (IOException e) {
            throw new TransportException("cannot listen on UDP " + bind + ": " + e.getMessage()
                + "; check the address and the limits for open files and sockets", e);
        }
    }

    /**
     * A port that nobody has now. Somebody may take it before we do: then whoever binds it is told so.
     *
     * @throws TransportException when the host is not of this machine
     */
    static Endpoint freePort(String host) {
        try (DatagramChannel channel = DatagramChannel.open()) {
            channel.bind(new InetSocketAddress(host, 0));
            return new Endpoint(host, ((InetSocketAddress) channel.getLocalAddress()).getPort());
        } catch (IOException | UnresolvedAddressException e) {
            throw new TransportException("cannot listen on UDP " + host + ": " + e + "; bind an address of this host",
                e);
        }
    }

    static TransportException portInUse(Endpoint bind, Exception cause) {
        return new TransportException("UDP port " + bind.port() + " on " + bind.host()
            + " is in use; stop the process that has it or choose another port", cause);
    }
}
