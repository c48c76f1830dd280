package io.balsa.benchmarks.rig;

/** Told what became of the operation in a slot, once for each, on whatever thread the subject likes. */
interface Answers {
    /** Committed, applied and answered; or read. */
    void done(int slot);

    /** Refused, lost or unknown. */
    void failed(int slot, String why);
}
