package io.balsa.aeron;

/**
 * Where a node listens for frames.
 *
 * @param host a name or a numeric address; IPv6 without brackets
 * @param port a UDP port, 1 to 65535
 */
public record Endpoint(String host, int port) {
    public Endpoint {
        if (host.isBlank() || host.indexOf('|') >= 0 || host.indexOf('?') >= 0) {
            throw new IllegalArgumentException("host: a name or a numeric address, not '" + host + "'");
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port of " + host + ": 1 to 65535, not " + port);
        }
    }

    /**
     * Reads {@code host:port}, or {@code [address]:port} for IPv6.
     *
     * @throws IllegalArgumentException when it is neither
     */
    public static Endpoint parse(String text) {
        final int colon = text.lastIndexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException("address: host:port, not '" + text + "'");
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException("address: write IPv6 as [address]:port, not '" + text + "'");
        }
        try {
            return new Endpoint(host, Integer.parseInt(text.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("address: host:port with a numeric port, not '" + text + "'", e);
        }
    }

    /** The port after this one, where snapshots are received. */
    Endpoint forSnapshots() {
        return new Endpoint(host, port + 1);
    }

    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
}
