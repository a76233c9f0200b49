"""Where the lab keeps what: below Holdfast's state, and what is the machine's own below /run."""

import re
from dataclasses import dataclass
from pathlib import Path

from holdfast.core.places import state_dir
from holdfast.lab.errors import LabError

#: Facts of the whole machine, shared by every state directory: gone when it restarts.
MACHINE = Path("/run/holdfast")
NAME = re.compile(r"^[a-z][a-z0-9_-]{0,47}$")


def images() -> Path:
    """Folder of the host images."""
    return state_dir() / "images"


def cache(release: str) -> Path:
    """Folder of a release's downloaded packages."""
    return state_dir() / "cache" / "apt" / release


def labs() -> Path:
    """Folder with one folder a lab."""
    return state_dir() / "labs"


def locks() -> Path:
    """Folder of lock files; never removed, for a lock is the file itself."""
    return state_dir() / "locks"


@dataclass(frozen=True)
class LabPaths:
    """Files of one lab."""

    root: Path

    @property
    def record(self) -> Path:
        """What the lab is: lab.json."""
        return self.root / "lab.json"

    @property
    def key(self) -> Path:
        """The private key that opens every host of the lab."""
        return self.root / "id_ed25519"

    @property
    def known_hosts(self) -> Path:
        """The pinned host keys."""
        return self.root / "known_hosts"

    @property
    def ssh_config(self) -> Path:
        """Settings for ssh -F."""
        return self.root / "ssh_config"

    @property
    def ca(self) -> Path:
        """Folder of the lab's certificate authority."""
        return self.root / "ca"

    @property
    def inventory(self) -> Path:
        """The lab's own copy of the declarations."""
        return self.root / "inventory"

    def host(self, name: str) -> Path:
        """Folder of one host."""
        return self.root / "hosts" / name


def lab_paths(name: str) -> LabPaths:
    """The files of a lab by its name.

    Raises:
        LabError: the name cannot be one.
    """
    if not NAME.match(name):
        raise LabError(
            f"expected a lab name of at most 48 small letters, digits, - and _, found '{name}'"
        )
    return LabPaths(labs() / name)
