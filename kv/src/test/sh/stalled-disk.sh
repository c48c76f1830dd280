#!/bin/sh
# A small disk that can be stalled: what reads and writes it waits, as on a device that has stopped answering.
#
#   stalled-disk.sh check          exit 0 if this machine can do it; else say why not
#   stalled-disk.sh FOLDER [MIB]   make a disk of MIB (default 256), mounted at FOLDER/disk, and obey lines on stdin:
#       stall SECONDS              prints "stalled", and after that time "resumed"
#       end of input               resume, unmount, remove
#
# "ready" is printed when the disk is there. The disk lives as long as stdin is open: when the process that started
# this one is killed, nothing is left behind.
#
# How: ext4 on a loop device whose file lies on another ext4. Freezing the outer one holds every write of the loop
# device, and so every force, while reads and what stays in memory go on above. A freeze of the inner one would hold
# stores to mapped memory too, which no slow device does.
set -u

say() {
    echo "stalled-disk: $*" >&2
}

fail() {
    say "$*"
    exit 1
}

can() {
    [ "$(id -u)" = 0 ] || fail "needs root, to mount and freeze file systems"
    for tool in losetup mkfs.ext4 fsfreeze mount umount mountpoint fallocate; do
        command -v "$tool" > /dev/null || fail "needs $tool; install util-linux and e2fsprogs"
    done
    grep -qw ext4 /proc/filesystems || fail "this kernel has no ext4"
    losetup -f > /dev/null 2>&1 || fail "no loop device is free, or none may be used; see losetup -a"
}

unmount() {
    mountpoint -q "$1" || return 0
    tries=0
    until umount "$1" 2> /dev/null; do
        tries=$((tries + 1))
        if [ "$tries" -ge 50 ]; then
            say "$1 is still in use; it goes when its last file is closed"
            umount -l "$1"
            return
        fi
        sleep 0.1
    done
}

resume() {
    if [ -n "$frozen" ]; then
        fsfreeze -u "$base" || say "cannot resume $base; run: fsfreeze -u $base"
        frozen=
    fi
}

remove() {
    trap '' INT TERM HUP
    [ -z "$sleeper" ] || kill "$sleeper" 2> /dev/null
    resume
    unmount "$disk"
    unmount "$base"
    rm -f "$image"
    rmdir "$disk" "$base" 2> /dev/null
}

make() {
    # The outer disk holds the inner one, its journal and its tables.
    mkdir -p "$disk" "$base" && truncate -s "$((size + size / 8 + 32))M" "$image" \
        && mkfs.ext4 -q -F -m 0 "$image" && mount -o loop "$image" "$base" \
        && fallocate -l "${size}M" "$base/inner" && mkfs.ext4 -q -F -m 0 -E lazy_itable_init=0 "$base/inner" \
        && device=$(losetup -f --show "$base/inner") || return 1
    # Past the cache of the outer file system: a force below is then a write and a flush, as on a real device.
    losetup --direct-io=on "$device" 2> /dev/null || say "no direct I/O here; a stall may begin a little late"
    mount "$device" "$disk"
    mounted=$?
    # While it is mounted this only asks for the device to go with the mount.
    losetup -d "$device"
    return "$mounted"
}

stall() {
    case $1 in
        '' | *[!0-9.]*) fail "stall: a number of seconds, not '$1'" ;;
    esac
    # A freeze begins with a sync; a busy disk takes its time for that, a broken one for ever.
    timeout 30 fsfreeze -f "$base" || fail "cannot freeze $base"
    frozen=yes
    echo stalled
    # In the background, since a trap waits for what is in the foreground.
    sleep "$1" &
    sleeper=$!
    wait "$sleeper"
    sleeper=
    resume
    echo resumed
}

[ $# -ge 1 ] && [ $# -le 2 ] || fail "usage: stalled-disk.sh check | FOLDER [MIB]"
can
[ "$1" != check ] || exit 0

size=${2:-256}
case $size in
    '' | *[!0-9]*) fail "MIB: a whole number, not '$size'" ;;
esac
[ "$size" -ge 16 ] || fail "MIB: at least 16, not $size"
disk=$1/disk
base=$1/base
image=$1/image
frozen=
sleeper=
[ ! -e "$image" ] || fail "$image is there already; each disk needs a folder of its own"
trap remove EXIT
trap 'exit 1' INT TERM HUP
# Whoever read our lines may be gone: that ends nothing before the disk is removed.
trap '' PIPE
make || fail "cannot make a disk of $size MiB in $1; see the line above"
echo ready
while read -r command seconds; do
    case $command in
        stall) stall "$seconds" ;;
        *) fail "a line is: stall SECONDS, not '$command'" ;;
    esac
done
