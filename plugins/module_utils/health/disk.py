# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Mounted filesystems: which are real, how full they are."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Callable, Optional

from ansible_collections.holdfast.ops.plugins.module_utils.health.bounded import (
    CannotRunError,
    command,
)
from ansible_collections.holdfast.ops.plugins.module_utils.health.model import (
    FAIL,
    Item,
    Limits,
    of_host,
    rising,
)

LOCAL = {"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "jfs", "zfs", "bcachefs", "vfat", "tmpfs"}
# These ask another machine or a process, and may never answer.
REMOTE = {"nfs", "nfs4", "cifs", "smb3", "ceph", "glusterfs", "9p", "virtiofs", "fuseblk", "lustre"}
REMOTE_FUSE = {"fuse.glusterfs", "fuse.sshfs", "fuse.ceph", "fuse.s3fs", "fuse.rclone"}
# What is mounted here belongs to the system or to a container's machine. A tmpfs elsewhere counts.
SYSTEM = ("/dev/", "/proc/", "/run/", "/sys/", "/var/lib/lxcfs/")


@dataclass(frozen=True)
class Mount:
    """A line of /proc/self/mountinfo. device: major:minor, the same for bind mounts."""

    path: str
    device: str
    fstype: str
    readonly: bool

    @property
    def remote(self) -> bool:
        """Whether asking it depends on someone else."""
        return self.fstype in REMOTE or self.fstype in REMOTE_FUSE


@dataclass(frozen=True)
class Usage:
    """Percent used, and what is left: bytes, inodes. None where a filesystem has no such count."""

    percent: float
    free: int
    inodes_percent: Optional[float]
    inodes_free: int


def parse_mountinfo(text: str) -> list[Mount]:
    """All mounts; paths unescaped."""
    found = []
    for line in text.splitlines():
        left, dash, right = line.partition(" - ")
        fields, after = left.split(), right.split()
        if dash and len(fields) >= 6 and after:
            path = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code.group(1), 8)), fields[4])
            flags = (fields[5] + "," + after[-1]).split(",")
            found.append(Mount(path, fields[2], after[0], "ro" in flags))
    return found


def real(mounts: Iterable[Mount], is_folder: Callable[[str], bool] = os.path.isdir) -> list[Mount]:
    """Filesystems that can fill up, each once (bind mounts show it again), by path.

    A mount that another covers at the same path cannot be asked, and is left out; so is a
    single file bound from elsewhere.
    """
    visible = {mount.path: mount for mount in mounts}.values()
    chosen: dict[str, Mount] = {}
    for mount in sorted(visible, key=lambda m: (len(m.path), m.path)):
        if _can_fill(mount) and (mount.remote or is_folder(mount.path)):
            chosen.setdefault(mount.device, mount)
    return sorted(chosen.values(), key=lambda m: m.path)


def _can_fill(mount: Mount) -> bool:
    if mount.readonly or f"{mount.path}/".startswith(SYSTEM):
        return False
    if mount.fstype == "overlay":
        # Containers' overlays take their space from a filesystem that is seen itself.
        return mount.path == "/"
    return mount.fstype in LOCAL or mount.remote


def usage(mount: Mount, timeout: float) -> Usage:
    """How full it is.

    A remote one is asked by a process of its own: that can be left behind, whereas a thread
    in an uninterruptible call keeps this process from ending.

    Raises:
        CannotRunError: it did not answer in time.
        OSError: it cannot be asked.
    """
    if mount.remote:
        argv = ["stat", "--file-system", "--format=%b %f %a %c %d %S", "--", mount.path]
        output = command(argv, timeout)
        if output.code:
            raise CannotRunError(output.complaint())
        blocks, free, available, files, files_free, size = map(int, output.out.split())
        return measure(blocks, free, available, files, files_free, size)
    fs = os.statvfs(mount.path)
    return measure(fs.f_blocks, fs.f_bfree, fs.f_bavail, fs.f_files, fs.f_ffree, fs.f_frsize)


def measure(
    blocks: int, free: int, available: int, files: int, files_free: int, size: int
) -> Usage:
    """The same percent as df: what root alone may use counts as used up."""
    used = blocks - free
    percent = 100.0 * used / (used + available) if used + available else 0.0
    inodes = 100.0 * (files - files_free) / files if files else None
    return Usage(percent, available * size, inodes, files_free)


def judge(path: str, usage_now: Usage, limits: Limits) -> list[Item]:
    """Items for space and, where the filesystem counts them, inodes."""
    status, limit = rising(usage_now.percent, limits.disk_warn_percent, limits.disk_fail_percent)
    value = round(usage_now.percent, 1)
    why = f"{_size(usage_now.free)} free"
    items = [of_host("disk", status, path, value=value, unit="%", limit=limit, why=why)]
    if usage_now.inodes_percent is not None:
        value = round(usage_now.inodes_percent, 1)
        status, limit = rising(value, limits.inodes_warn_percent, limits.inodes_fail_percent)
        why = f"{usage_now.inodes_free} inodes free"
        items.append(of_host("inodes", status, path, value=value, unit="%", limit=limit, why=why))
    return items


def check(mount: Mount, timeout: float, limits: Limits) -> list[Item]:
    """Measure and judge one filesystem."""
    try:
        seen = usage(mount, timeout)
    except (CannotRunError, OSError) as error:
        why = f"{mount.fstype} at {mount.path} does not answer: {error}"
        return [of_host("disk", FAIL, mount.path, unit="%", why=why)]
    return judge(mount.path, seen, limits)


def _size(count: float) -> str:
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.0f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"
