package io.balsa.kv;

import java.net.InetSocketAddress;

/** An address as people write it: {@code host:port}, an IPv6 host in brackets. */
record HostPort(String host, int port) {
    static HostPort parse(String text) {
        final int colon = text.lastIndexOf(':');
        try {
            final int port = Integer.parseInt(text.substring(colon + 1));
            final String host = text.substring(0, Math.max(0, colon));
            if (!host.isBlank() && port >= 0 && port <= 0xFFFF) {
                return new HostPort(host.startsWith("[") && host.endsWith("]")
                    ? host.substring(1, host.length() - 1) : host, port);
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new IllegalArgumentException("'" + text + "' is not host:port, such as 127.0.0.1:7400");
    }

    /** Looked up now: an address may change while a process lives. */
    InetSocketAddress resolved() {
        return new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
}
