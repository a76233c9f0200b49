#!/bin/sh
# Keeps one lab host running, also across its own reboots. Started in a mount namespace of its own
# (unshare --mount), so that the host's mounts and loop device are gone with it, whatever ends it.
# usage: keeper.sh HOST_DIR IMAGE_ROOT MACHINE [CGROUP...] -- COMMAND...
set -eu
dir=$1
image=$2
machine=$3
shift 3
# All it says belongs to the host's console, also where systemd would put it into the journal.
exec >>"$dir/console.log" 2>&1
while [ "$1" != -- ]; do
    echo $$ >"$1/cgroup.procs"
    shift
done
shift

# One keeper a host: the lock comes from the starter, or is taken here (under systemd-run).
if [ -z "${HOLDFAST_LOCKED:-}" ]; then
    exec 9>"$dir/lock"
    flock --nonblock 9 || exit 75
fi
unset HOLDFAST_LOCKED
echo $$ >"$dir/.pid"
mv "$dir/.pid" "$dir/pid"

mkdir -p "$dir/disk" "$dir/root"
[ ! -f "$dir/disk.img" ] || mount -o loop,noatime "$dir/disk.img" "$dir/disk"
mkdir -p "$dir/disk/upper" "$dir/disk/work"
chmod 755 "$dir/disk/upper"
mount -t overlay "$machine" \
    -o "lowerdir=$image,upperdir=$dir/disk/upper,workdir=$dir/disk/work" "$dir/root"
if [ ! -e "$dir/seeded" ]; then
    tar -C "$dir/seed" -cf - . | tar -C "$dir/root" -xpf - --no-overwrite-dir
    sync -f "$dir/root"
    : >"$dir/seeded"
fi

while :; do
    # A veth can outlive its host and would keep the next start from making it.
    ip link delete "vb-$machine" 2>/dev/null || true
    code=0
    "$@" || code=$?
    # 133: the host asked for a reboot.
    [ "$code" -eq 133 ] || exit "$code"
done
