package io.balsa.mapreduce.bench;

import java.util.Arrays;
import java.util.Locale;

/** What a row came to, in megabytes a second. */
final class Result {
    private final Row row;
    private double[] speeds = {};
    private String answer = "";

    Result(Row row) {
        this.row = row;
    }

    void add(double speed, String counted) {
        speeds = Arrays.copyOf(speeds, speeds.length + 1);
        speeds[speeds.length - 1] = speed;
        Arrays.sort(speeds);
        answer = counted;
    }

    Row row() {
        return row;
    }

    /** What it has counted. */
    String answer() {
        return answer;
    }

    int runs() {
        return speeds.length;
    }

    double median() {
        return (speeds[(speeds.length - 1) / 2] + speeds[speeds.length / 2]) / 2;
    }

    double least() {
        return speeds[0];
    }

    double greatest() {
        return speeds[speeds.length - 1];
    }

    String line() {
        return String.format(Locale.ROOT, "%-26s %8.1f %8.1f %8.1f %5d %6s %18s", row.name(), median(), least(),
            greatest(), runs(), row.goal() == 0 ? "-" : Integer.toString(row.goal()), answer);
    }
}
