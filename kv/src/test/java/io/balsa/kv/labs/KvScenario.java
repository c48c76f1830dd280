package io.balsa.kv.labs;

import java.util.function.Consumer;

/**
 * One test of the labs on the store.
 *
 * @param id      as in the catalogue, such as {@code 3A-05}
 * @param name    what it is about
 * @param servers how many it needs
 * @param script  its steps; throws when a bound is missed
 */
record KvScenario(String id, String name, int servers, Consumer<KvTester> script) {
    @Override
    public String toString() {
        return id + " " + name;
    }
}
