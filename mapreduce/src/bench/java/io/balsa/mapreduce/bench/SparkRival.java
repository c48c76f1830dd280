package io.balsa.mapreduce.bench;

import java.nio.file.Path;
import java.util.Arrays;

import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;

/** The lab's job, strings for keys and values, on Spark in this process. */
final class SparkRival {
    private static final int REDUCES = 10;
    private static JavaSparkContext context;

    private SparkRival() {
    }

    static Row.Check count(Path input, Path scratch) {
        if (context == null) {
            context = new JavaSparkContext(new SparkConf().setMaster("local[2]").setAppName("count")
                .set("spark.ui.enabled", "false").set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1").set("spark.local.dir", scratch.toString()));
        }
        final JavaPairRDD<String, String> counts = context.textFile(input + "/*.txt", 8)
            .flatMap(line -> Arrays.asList(line.split(" ")).iterator())
            .filter(word -> !word.isEmpty())
            .mapToPair(word -> new Tuple2<>(word, "1"))
            .reduceByKey((left, right) -> Long.toString(Long.parseLong(left) + Long.parseLong(right)), REDUCES);
        final Tuple2<Long, Long> answer = counts.values().map(count -> new Tuple2<>(1L, Long.parseLong(count)))
            .reduce((left, right) -> new Tuple2<>(left._1() + right._1(), left._2() + right._2()));
        return () -> new Row.Answer(answer._1(), answer._2());
    }
}
