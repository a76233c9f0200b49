"""Which filesystems are real, and how full they are."""

from pathlib import Path

import pytest
from ansible_collections.holdfast.ops.plugins.module_utils.health import disk
from ansible_collections.holdfast.ops.plugins.module_utils.health.bounded import CannotRunError
from ansible_collections.holdfast.ops.plugins.module_utils.health.model import (
    FAIL,
    OK,
    WARN,
    Limits,
)

MOUNTS = """\
22 27 0:21 / /proc rw,relatime - proc proc rw
26 24 0:24 / /run rw,nosuid - tmpfs tmpfs rw,size=1g
27 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
28 27 254:2 / /var/lib/my\\040data rw - xfs /dev/vdb rw
29 27 254:1 /etc/hosts /etc/resolv.conf rw - ext4 /dev/vda1 rw
30 27 254:2 /sub /srv/again rw - xfs /dev/vdb rw
31 27 7:0 / /snap/core/1 ro,nodev - squashfs /dev/loop0 ro
32 27 254:3 / /mnt/backup ro,relatime - ext4 /dev/vdc rw
33 27 0:40 / /srv/cache rw - tmpfs tmpfs rw
34 27 0:41 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw
35 27 0:42 / /mnt/nfs rw - nfs4 server:/x rw,hard
36 27 0:43 / /var/lib/lxcfs rw - fuse.lxcfs lxcfs rw
37 27 254:9 /f /opt/file rw - ext4 /dev/vdd rw
38 27 254:9 /d /opt/folder rw - ext4 /dev/vdd rw
39 27 254:0 /x /run/host/incoming rw - ext4 /dev/vda rw
garbage
"""


def is_folder(path: str) -> bool:
    return path != "/opt/file"


def test_real_filesystems_are_each_seen_once_and_pseudo_ones_never() -> None:
    found = disk.real(disk.parse_mountinfo(MOUNTS), is_folder)
    assert [mount.path for mount in found] == [
        "/",
        "/mnt/nfs",
        "/opt/folder",
        "/srv/again",
        "/srv/cache",
    ]
    assert [mount.path for mount in found if mount.remote] == ["/mnt/nfs"]


def test_paths_with_blanks_are_read_back() -> None:
    assert "/var/lib/my data" in [m.path for m in disk.parse_mountinfo(MOUNTS)]


def test_an_overlay_counts_as_the_root_of_a_container_alone() -> None:
    text = "1 0 0:9 / / rw - overlay overlay rw\n2 1 0:10 / /x rw - overlay overlay rw\n"
    assert [m.path for m in disk.real(disk.parse_mountinfo(text), is_folder)] == ["/"]


def test_the_last_mount_at_a_path_is_the_one_that_is_seen() -> None:
    text = "1 0 8:1 / /data rw - ext4 /dev/a rw\n2 0 0:9 / /data rw - proc proc rw\n"
    assert disk.real(disk.parse_mountinfo(text), is_folder) == []


def test_percent_counts_what_only_root_may_use_as_used_up_like_df() -> None:
    # 100 blocks, 20 free, of them 5 kept for root: 80 / (80 + 15)
    seen = disk.measure(100, 20, 15, 1000, 250, 4096)
    assert round(seen.percent, 2) == 84.21
    assert (seen.free, seen.inodes_percent, seen.inodes_free) == (15 * 4096, 75.0, 250)


def test_a_filesystem_without_inode_counts_has_no_inode_item() -> None:
    items = disk.judge("/", disk.measure(100, 50, 50, 0, 0, 4096), Limits())
    assert [item.check for item in items] == ["disk"]


@pytest.mark.parametrize(
    ("free", "expected"), [(21, OK), (20, WARN), (11, WARN), (10, FAIL), (0, FAIL)]
)
def test_space_is_judged_by_its_limits(free: int, expected: str) -> None:
    item = disk.judge("/srv", disk.measure(100, free, free, 0, 0, 4096), Limits())[0]
    assert (item.id, item.status, item.unit) == ("host.disk:/srv", expected, "%")


def test_inodes_can_run_out_before_space() -> None:
    space, inodes = disk.judge("/", disk.measure(100, 90, 90, 100, 5, 4096), Limits())
    assert (space.status, inodes.status, inodes.limit) == (OK, FAIL, 90.0)


def test_an_empty_filesystem_does_not_divide_by_zero() -> None:
    assert disk.measure(0, 0, 0, 0, 0, 4096).percent == 0.0


@pytest.mark.parametrize("fstype", ["ext4", "nfs4"])
def test_local_and_remote_filesystems_are_measured_alike(tmp_path: Path, fstype: str) -> None:
    items = disk.check(disk.Mount(str(tmp_path), "0:1", fstype, False), 10, Limits())
    assert items[0].check == "disk"
    assert isinstance(items[0].value, float)


def test_a_mount_that_does_not_answer_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_args: object) -> None:
        raise CannotRunError("stat did not end within 5 s")

    monkeypatch.setattr(disk, "command", hang)
    (item,) = disk.check(disk.Mount("/mnt/nfs", "0:1", "nfs4", False), 5, Limits())
    assert (item.id, item.status) == ("host.disk:/mnt/nfs", FAIL)
    assert "did not end within 5 s" in item.why


def test_a_mount_that_vanished_fails_with_its_reason() -> None:
    (item,) = disk.check(disk.Mount("/no/such/place", "0:1", "ext4", False), 5, Limits())
    assert item.status == FAIL
    assert "No such file" in item.why
