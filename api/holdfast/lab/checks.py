"""What this machine must have before anything is changed: told all at once, in one line."""

import os
import shutil
from collections.abc import Iterable

from holdfast.lab import image, paths
from holdfast.lab.errors import MissingError

#: Program -> Debian package.
PROGRAMS = {
    "systemd-nspawn": "systemd-container",
    "mmdebstrap": "mmdebstrap",
    "lxcfs": "lxcfs",
    "nft": "nftables",
    "ip": "iproute2",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "mkfs.ext4": "e2fsprogs",
    "losetup": "mount",
    "unshare": "util-linux",
}
HOST_SPACE_MIB = 1024


def missing_programs() -> list[str]:
    """Programs that are not on PATH, with their packages."""
    gone = [name for name in PROGRAMS if shutil.which(name) is None]
    return [f"{name} (package {PROGRAMS[name]})" for name in gone]


def require_root() -> None:
    """The lab boots hosts: nobody else may.

    Raises:
        MissingError: not root.
    """
    if os.geteuid() != 0:
        raise MissingError("expected root (the lab boots hosts), found another user; use sudo")


def preconditions(releases: Iterable[str] = ()) -> None:
    """Root, programs, room on the disk.

    Raises:
        MissingError: names everything that is missing.
    """
    require_root()
    gone = missing_programs()
    if gone:
        raise MissingError(f"expected {', '.join(gone)} on this machine; run `make setup`")
    unbuilt = [name for name in set(releases) if not image.is_built(name)]
    image.require_space(paths.images(), HOST_SPACE_MIB + image.SPACE_MIB * len(unbuilt))
