package io.balsa.benchmarks.rig;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import io.balsa.raft.RaftStatus;

/** Three members in this JVM, the caller beside the leader. */
final class MembersInJvm implements Subject {
    private final Contender contender;
    private final Setting setting;
    private final List<Member> members = new ArrayList<>();
    private Member leader;

    MembersInJvm(Contender contender, Setting setting) {
        this.contender = contender;
        this.setting = setting;
    }

    @Override
    public void start(Answers answers) throws Exception {
        for (int id = 0; id < NODES; id++) {
            members.add(contender.member(id, setting, answers));
        }
        leader = Await.first(members, Member::leads, "a leader");
    }

    @Override
    public boolean propose(int slot, Command command) throws Exception {
        return leader.propose(slot, command);
    }

    @Override
    public boolean read(int slot) {
        return leader.read(slot);
    }

    @Override
    public void restartStages() {
        members.forEach(Member::restartStages);
    }

    /** What the leader tells, and of each of the others what the leader cannot know. */
    @Override
    public List<RaftStatus.Stage> stages() {
        final List<RaftStatus.Stage> stages = new ArrayList<>(leader.stages());
        final Set<String> known = stages.stream().map(RaftStatus.Stage::name).collect(Collectors.toSet());
        members.stream().filter(member -> member != leader).flatMap(member -> member.stages().stream())
            .filter(stage -> !known.contains(stage.name())).forEach(stages::add);
        return stages;
    }

    @Override
    public void close() {
        members.forEach(Member::close);
    }
}
