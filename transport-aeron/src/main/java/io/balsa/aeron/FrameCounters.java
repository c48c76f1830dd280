package io.balsa.aeron;

/** Written by the loop thread only. */
final class FrameCounters {
    long sent;
    long received;
    long backPressured;
    long notConnected;
    long adminAction;
    long reopened;
}
