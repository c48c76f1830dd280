package io.balsa.mapreduce;

/** Writes each key, as its bytes are, with the sum of its numbers: {@code key sum\n}. */
public final class SumReducer implements ByteReducer {
    private static final byte[] SPACE = {' '};
    private static final byte[] END = {'\n'};

    @Override
    public void reduce(ByteGroup group, ReduceOutput output) {
        long sum = 0;
        while (group.next()) {
            sum += group.number();
        }
        output.raw(group.keyArray(), group.keyOffset(), group.keyLength());
        output.raw(SPACE, 0, 1);
        output.number(sum);
        output.raw(END, 0, 1);
    }
}
