#!/bin/sh
# PID 1 of a lab host, before systemd: makes the v1 controllers writable, so that limits of units
# are enforced, and lays lxcfs over /proc, so that the host sees its own memory, load and uptime.
if [ -d /sys/fs/cgroup/memory ]; then
    mount -o remount,bind,rw /sys/fs/cgroup
    for group in cpu cpuacct cpuset memory blkio pids devices freezer; do
        [ ! -d "/sys/fs/cgroup/$group" ] ||
            mount -o remount,bind,rw,nosuid,nodev,noexec "/sys/fs/cgroup/$group"
    done
fi
for file in cpuinfo meminfo stat uptime loadavg swaps diskstats; do
    [ ! -e "/var/lib/lxcfs/proc/$file" ] ||
        mount --bind "/var/lib/lxcfs/proc/$file" "/proc/$file"
done
exec /sbin/init
