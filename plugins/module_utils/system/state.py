# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a host has: one observation as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, Optional

_NONE: Mapping = MappingProxyType({})


class PathState(NamedTuple):
    """One path. kind: absent, file, directory, link or other. mode without the type bits.

    content is None where it was not read (not a file, or too large to be equal or shown).
    """

    kind: str = "absent"
    mode: int = 0
    uid: int = 0
    gid: int = 0
    content: Optional[bytes] = None
    target: Optional[str] = None


ABSENT = PathState()


class UserState(NamedTuple):
    """One account; groups are the supplementary ones."""

    uid: int
    gid: int
    shell: str = ""
    home: str = ""
    comment: str = ""
    groups: frozenset = frozenset()
    home_exists: bool = True
    authorized_keys: Optional[bytes] = None


class UnitState(NamedTuple):
    """One unit as systemd has it. triggers: the units that a socket, timer or path starts."""

    load: str = "not-found"
    active: str = "inactive"
    sub: str = "dead"
    file: str = ""
    kind: str = ""
    result: str = "success"
    condition: bool = True
    needs_reload: bool = False
    triggers: tuple = ()

    @property
    def running(self) -> bool:
        """It is up, or about to be up again."""
        return self.active in ("active", "reloading", "refreshing")


class Setting(NamedTuple):
    """One kernel setting; value is None where this kernel does not have or show it."""

    value: Optional[str] = None
    writable: bool = False


class Owed(NamedTuple):
    """What an interrupted run still owes: restarts, reloads, checks."""

    restart: frozenset = frozenset()
    reload: frozenset = frozenset()
    checks: bool = False

    def __bool__(self) -> bool:
        return bool(self.restart or self.reload or self.checks)


class State(NamedTuple):
    """Everything observed for one catalogue."""

    packages: frozenset = frozenset()
    users: Mapping = _NONE  # name -> UserState
    groups: Mapping = _NONE  # name -> gid
    paths: Mapping = _NONE  # path -> PathState, parents included
    units: Mapping = _NONE  # name -> UnitState
    sysctl: Mapping = _NONE  # key -> Setting
    owed: Owed = Owed()

    def path(self, name: str) -> PathState:
        """A path's state; what was not observed does not exist."""
        return self.paths.get(name, ABSENT)

    def unit(self, name: str) -> UnitState:
        """A unit's state; what systemd does not know is not found."""
        return self.units.get(name, UnitState())
