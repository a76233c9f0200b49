#!/bin/sh
# Last step of an image's build: a root that many hosts can share and each makes its own.
# usage: customize.sh ROOT
set -eu
root=$1

# Made anew for every host: identity must never be shared.
rm -f "$root"/etc/ssh/ssh_host_* "$root"/var/lib/dbus/machine-id "$root"/etc/hostname
: >"$root/etc/machine-id"

# The roles switch services on: a fresh host is a fresh host.
disabled=$(chroot "$root" systemctl list-unit-files --state=enabled --no-legend --plain |
    cut -d' ' -f1 |
    grep -E '^(postgresql|nginx|gunicorn|nftables|prometheus-[a-z-]*exporter)[^ ]*\.(service|socket)$' || true)
for unit in $disabled; do
    chroot "$root" systemctl --quiet disable "$unit"
done
chroot "$root" systemctl --quiet enable systemd-networkd.service

# Logs of the build say nothing of a host.
find "$root/var/log" -type f -exec truncate -s 0 {} +
