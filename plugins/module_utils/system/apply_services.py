# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Brings units to their state, one systemctl an action, and sees that they stay up."""

from __future__ import annotations

import time

from .errors import CatalogueError, CommandError
from .host import Host
from .observe import observe_units
from .state import UnitState

_BEFORE = ("unmask", "mask", "enable", "disable", "stop")


def apply_services(changes: list, host: Host):
    """Take the steps on units; yields each when done, those that start when they are up.

    Raises:
        CatalogueError: systemctl refuses, or a unit does not stay up; with its last words.
    """
    by_action: dict = {}
    for change in changes:
        by_action.setdefault(change.action, []).append(change)
    if "daemon_reload" in by_action:
        host.run(["systemctl", "daemon-reload"])
        yield from by_action["daemon_reload"]
    for action in _BEFORE:
        if action in by_action:
            host.run(["systemctl", action, "--", *_names(by_action[action])])
            yield from by_action[action]
    ups = [*by_action.get("restart", []), *by_action.get("reload", []), *by_action.get("start", [])]
    _restart(by_action.get("restart", []), host)
    _run_units("reload-or-restart", _names(by_action.get("reload", [])), host)
    _run_units("start", _names(by_action.get("start", [])), host)
    settle(_names(ups), host)
    yield from ups


def _names(changes: list) -> list:
    return [change.name for change in changes]


def _restart(changes: list, host: Host) -> None:
    """A socket cannot be bound anew while what it starts is up: that stops first, starts after."""
    names = _names(changes)
    sockets = [change for change in changes if change.name.endswith(".socket")]
    behind = sorted({unit for change in sockets for unit in change.previous.triggers})
    running = [name for name, unit in observe_units(behind, host).items() if unit.running]
    _run_units("stop", running, host)
    _run_units("restart", [name for name in names if name not in running], host)
    _run_units("start", running, host)


def _run_units(action: str, names: list, host: Host) -> None:
    if not names:
        return
    try:
        host.run(["systemctl", action, "--", *names])
    except CommandError as error:
        wrong = {n: u for n, u in observe_units(names, host).items() if not _is_up(u)}
        if action == "stop" or not wrong:
            raise
        raise CatalogueError(_told(wrong, host)) from error


def settle(names: list, host: Host) -> None:
    """Wait until these units are up and stay so for a moment.

    Raises:
        CatalogueError: one is not; names it and its last log lines.
    """
    if not names:
        return
    ends = time.monotonic() + host.patience
    time.sleep(host.pause)
    while True:
        units = observe_units(names, host)
        wrong = {name: unit for name, unit in units.items() if not _is_up(unit)}
        if not wrong:
            return
        coming = all(u.active == "activating" and u.sub != "auto-restart" for u in wrong.values())
        if not coming or time.monotonic() > ends:
            raise CatalogueError(_told(wrong, host))
        time.sleep(host.pause)


def _is_up(unit: UnitState) -> bool:
    done = unit.kind == "oneshot" and unit.active == "inactive" and unit.result == "success"
    return unit.running or (done and unit.condition)


def _told(wrong: dict, host: Host) -> str:
    """What is wrong with each unit, with its last log lines."""
    lines = []
    for name, unit in sorted(wrong.items()):
        found = f"{unit.active} ({unit.sub if unit.load == 'loaded' else unit.load})"
        if not unit.condition and unit.active == "inactive":
            found += ", a condition in its unit file does not hold here"
        elif unit.result != "success":
            found += f", {unit.result}"
        log = ["journalctl", "--no-pager", "--output=cat", "--lines=10", "--unit=" + name]
        _code, output, _error = host.attempt(log)
        said = output.strip() or "nothing"
        lines.append(f"expected {name} to be active, found {found}; its last log lines: {said}")
    return "\n".join(lines)
