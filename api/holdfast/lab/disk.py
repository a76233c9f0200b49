"""A host's own disk: a sparse ext4 image on a loop device, so that it fills at its own size."""

import os
import subprocess
from pathlib import Path

from holdfast.lab.locks import write
from holdfast.lab.models import Limits
from holdfast.lab.process import run


def image_of(folder: Path) -> Path:
    """The disk image in a host's folder."""
    return folder / "disk.img"


def loops_available(control: Path = Path("/dev/loop-control")) -> bool:
    """Whether this machine gives out loop devices.

    Where /dev is no devtmpfs the kernel makes the device but no node for it: we make the node.
    """
    try:
        free = run(["losetup", "--find"]).strip()
    except Exception:  # noqa: BLE001 - any failure means the same: no loop devices here
        return False
    if not control.exists():
        return False
    node = Path(free)
    if not node.exists():
        try:
            os.mknod(node, 0o60660, os.makedev(7, int(free.removeprefix("/dev/loop"))))
        except (OSError, ValueError):
            return False
    return True


def create(folder: Path, limits: Limits) -> None:
    """A fresh disk for a host; what was on the old one is gone.

    Without loop devices the host writes to a plain folder, as large as the machine's disk.
    """
    (folder / "seeded").unlink(missing_ok=True)
    remove(folder)
    if not loops_available():
        (folder / "disk").mkdir(exist_ok=True)
        write(folder / "disk.shared", "no loop device could be had\n")
        return
    draft = folder / ".disk.img"
    with draft.open("wb") as stream:
        stream.truncate(limits.disk_mib * 2**20)
    # No journal: a lab disk is thrown away, and every fsync of a database would pay for it.
    run(["mkfs.ext4", "-q", "-F", "-m", "1", "-O", "^has_journal", "-E", "nodiscard", str(draft)])
    draft.rename(image_of(folder))


def remove(folder: Path) -> None:
    """Delete a host's disk; nothing is mounted outside the host's own mount namespace."""
    run(["rm", "-rf", "--one-file-system", *(str(folder / n) for n in ("disk", "root"))])
    for name in ("disk.img", ".disk.img", "disk.shared"):
        (folder / name).unlink(missing_ok=True)


def is_sound(folder: Path) -> bool:
    """Whether a disk that was used before can be used again; small damage is repaired."""
    if not (folder / "seeded").exists():
        return False
    if not image_of(folder).exists():
        return (folder / "disk/upper").is_dir()
    done = subprocess.run(
        ["e2fsck", "-p", str(image_of(folder))],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return done.returncode in {0, 1}


def describe(folder: Path, limits: Limits) -> str:
    """What kind of disk a host has, for status."""
    if (folder / "disk.shared").exists():
        return "shared with the machine (no loop device)"
    return f"{limits.disk_mib} MiB"
