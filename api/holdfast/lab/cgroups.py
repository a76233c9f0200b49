"""Limits of a whole host from outside, on the three kinds of machine there are.

v1: groups made by hand in every v1 hierarchy (a machine whose PID 1 is not systemd).
systemd: a transient unit with Delegate= and limits (PID 1 is systemd; pure v2 or hybrid).
Anything else is refused by name, for limits would be shown and not enforced.
"""

import contextlib
import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from holdfast.lab.errors import LabError, MissingError
from holdfast.lab.models import Limits
from holdfast.lab.process import attempt, run

ROOT = Path("/sys/fs/cgroup")
PARENT = "holdfast"
PERIOD_US = 100_000
PATIENCE = 15.0


class Backend(Protocol):
    """How a host is started under its limits and ended with everything in it.

    name: for status. direct: the keeper is our own child and can be handed a lock.
    """

    name: str
    direct: bool

    def prepare(self, machine: str, limits: Limits, /) -> None:
        """Make what the host is started in."""

    def wrap(self, machine: str, limits: Limits, /) -> list[str]:
        """What stands before the keeper's command."""

    def enter(self, machine: str, /) -> list[str]:
        """Groups that the keeper enters by itself."""

    def kill(self, machine: str) -> None:
        """End every process of the host at once and wait until they are gone."""

    def remove(self, machine: str) -> None:
        """Take away what `prepare` made."""


def controllers(mounts: str) -> list[Path]:
    """Mount points of cgroup hierarchies out of the text of /proc/self/mounts."""
    fields = (line.split() for line in mounts.splitlines())
    return [Path(entry[1]) for entry in fields if len(entry) > 2 and entry[2].startswith("cgroup")]


def detect(mounts: str | None = None, systemd: bool | None = None) -> Backend:
    """The backend for this machine.

    Raises:
        MissingError: neither v1 hierarchies nor systemd as PID 1.
    """
    text = Path("/proc/self/mounts").read_text() if mounts is None else mounts
    booted = Path("/run/systemd/system").is_dir() if systemd is None else systemd
    if booted:
        return SystemdUnits()
    found = controllers(text)
    if any(path.name == "memory" for path in found):
        return GroupsV1(found)
    raise MissingError(
        "expected systemd as PID 1 or cgroup v1 hierarchies below /sys/fs/cgroup, found neither; "
        "the lab cannot limit its hosts on this machine"
    )


class GroupsV1:
    """Groups by hand: <hierarchy>/holdfast/<machine>."""

    name = "cgroup v1"
    direct = True

    def __init__(self, hierarchies: Iterable[Path]) -> None:
        self.hierarchies = list(hierarchies)

    def groups(self, machine: str) -> list[Path]:
        """The host's group in each hierarchy."""
        return [path / PARENT / machine for path in self.hierarchies]

    def values(self, limits: Limits) -> dict[str, str]:
        """File of a group -> what is written to it."""
        return {
            "memory.limit_in_bytes": str(limits.memory_mib * 2**20),
            "cpu.cfs_period_us": str(PERIOD_US),
            "cpu.cfs_quota_us": str(int(limits.cpus * PERIOD_US)),
            "pids.max": str(limits.pids),
        }

    def prepare(self, machine: str, limits: Limits) -> None:
        """Make the groups and write the limits."""
        for group in self.groups(machine):
            group.mkdir(parents=True, exist_ok=True)
            for level in (group.parent, group):
                # A cpuset group without CPUs takes no process.
                for name in ("cpuset.cpus", "cpuset.mems"):
                    if (level / name).is_file() and not (level / name).read_text().strip():
                        (level / name).write_text((level.parent / name).read_text())
            for name, value in self.values(limits).items():
                if (group / name).is_file():
                    (group / name).write_text(value)

    def wrap(self, _machine: str, _limits: Limits) -> list[str]:
        """Nothing: the keeper enters the groups itself, as its first act."""
        return []

    def enter(self, machine: str) -> list[str]:
        """The groups as paths."""
        return [str(group) for group in self.groups(machine)]

    def pids(self, machine: str) -> set[int]:
        """Every process of the host: only ours are in its groups, so no id can be mistaken."""
        found: set[int] = set()
        for group in self.groups(machine):
            # Processes that a host's own systemd moves stay below the host's group.
            for listing in group.rglob("cgroup.procs") if group.is_dir() else ():
                with contextlib.suppress(OSError):  # the group has just gone
                    found |= {int(line) for line in listing.read_text().split()}
        return found - {0}

    def kill(self, machine: str) -> None:
        """SIGKILL until nothing is left.

        Raises:
            LabError: something does not die.
        """
        end = time.monotonic() + PATIENCE
        while pids := self.pids(machine):
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if time.monotonic() > end:
                raise LabError(
                    f"expected the processes of {machine} to end, found {sorted(pids)[:8]} "
                    f"after {PATIENCE:.0f} s; see `ps` for what they wait for"
                )
            time.sleep(0.02)

    def remove(self, machine: str) -> None:
        """Remove the groups, deepest first; the parent goes with the last host."""
        for group in self.groups(machine):
            if group.is_dir():
                inner = sorted((p for p in group.rglob("*") if p.is_dir()), reverse=True)
                for path in (*inner, group):
                    _rmdir(path)
            if group.parent.is_dir():
                _rmdir(group.parent, patience=0)


def _rmdir(path: Path, patience: float = 2.0) -> None:
    """Remove a group; a process that has just died may keep it busy for a moment."""
    end = time.monotonic() + patience
    while path.is_dir():
        with contextlib.suppress(OSError):
            path.rmdir()
            return
        if time.monotonic() >= end:
            return
        time.sleep(0.02)


class SystemdUnits:
    """A transient service a host: systemd makes the group, sets limits and delegates it."""

    name = "systemd unit"
    direct = False

    def unit(self, machine: str) -> str:
        """The host's unit."""
        return f"holdfast-{machine}.service"

    def prepare(self, machine: str, _limits: Limits) -> None:
        """A failed unit of the same name would be in the way."""
        attempt(["systemctl", "reset-failed", self.unit(machine)])

    def enter(self, _machine: str) -> list[str]:
        """None: systemd puts the unit's processes into its group."""
        return []

    def wrap(self, machine: str, limits: Limits) -> list[str]:
        """systemd-run with the host's limits."""
        properties = {
            "Delegate": "yes",
            "KillMode": "mixed",
            "MemoryMax": f"{limits.memory_mib}M",
            "MemorySwapMax": "0",
            "CPUQuota": f"{round(limits.cpus * 100)}%",
            "TasksMax": str(limits.pids),
            "LimitNOFILE": "524288",
        }
        return [
            "systemd-run",
            "--quiet",
            "--collect",
            f"--unit={self.unit(machine)}",
            "--slice=holdfast.slice",
            *(f"--property={key}={value}" for key, value in properties.items()),
            "--",
        ]

    def kill(self, machine: str) -> None:
        """Kill the whole unit and wait for it."""
        unit = self.unit(machine)
        if attempt(["systemctl", "is-active", "--quiet", unit]):
            run(["systemctl", "kill", "--kill-who=all", "--signal=KILL", unit])
        attempt(["systemctl", "stop", unit], limit=int(PATIENCE))

    def remove(self, machine: str) -> None:
        """The unit goes by itself (--collect); a failed one is forgotten."""
        attempt(["systemctl", "reset-failed", self.unit(machine)])
