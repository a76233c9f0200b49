# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""systemd units: from state, and from what is about to change below them, to steps."""

from __future__ import annotations

from .catalogue import Catalogue, Unit
from .change import Change
from .state import State, UnitState

_UNIT_DIRECTORIES = (
    "/etc/systemd/system/",
    "/run/systemd/system/",
    "/usr/local/lib/systemd/system/",
    "/usr/lib/systemd/system/",
    "/lib/systemd/system/",
)
# What `systemctl is-enabled` calls enabled, and what cannot be enabled and need not be.
_ENABLED = ("enabled", "static", "alias", "indirect", "generated", "transient")
_DISABLED = ("", "disabled", "static", "masked", "alias", "indirect", "generated", "transient")


def plan_services(catalogue: Catalogue, state: State, paths: list):
    """daemon-reload, enabling, restarts and reloads owed, starting and stopping."""
    yield from _daemon_reload(state, paths)
    for unit in catalogue.units:
        yield from _installation(unit, state.unit(unit.name))
    yield from _stops(catalogue, state)
    restarts = list(_restarts(catalogue, state, paths))
    yield from restarts
    yield from _starts(catalogue, state, {change.name for change in restarts})


def _daemon_reload(state: State, paths: list):
    for change in paths:
        if change.changes and change.name.startswith(_UNIT_DIRECTORIES):
            yield Change("unit", "systemd", "daemon_reload", f"{change.name} changes")
            return
    for name, unit in sorted(state.units.items()):
        if unit.needs_reload:
            yield Change("unit", "systemd", "daemon_reload", f"{name} changed on disk")
            return


def _installation(unit: Unit, current: UnitState):
    masked = current.file in ("masked", "masked-runtime")
    if unit.masked is True and not masked:
        yield _step(unit, "mask", "not masked", current)
    if unit.masked is False and masked:
        yield _step(unit, "unmask", "masked", current)
    if unit.enabled is True and current.file not in _ENABLED:
        yield _step(unit, "enable", "is %s" % (current.file or "not there yet"), current)
    if unit.enabled is False and current.file not in _DISABLED:
        yield _step(unit, "disable", f"is {current.file}", current)


def _step(unit: Unit, action: str, why: str, current: UnitState) -> Change:
    before = f"{current.active} {current.file}\n"
    return Change("unit", unit.name, action, why, unit, before, action + "\n", previous=current)


def _stops(catalogue: Catalogue, state: State):
    for unit in catalogue.units:
        current = state.unit(unit.name)
        if unit.state == "stopped" and current.active not in ("inactive", "failed"):
            yield _step(unit, "stop", f"is {current.active}", current)


def _restarts(catalogue: Catalogue, state: State, paths: list):
    """Restarts beat reloads; a unit that does not run is left (or started, see below)."""
    stopped = {unit.name for unit in catalogue.units if unit.state == "stopped" or unit.masked}
    causes = {
        "restart": _causes("restart", state, paths),
        "reload": _causes("reload", state, paths),
    }
    for action, names in causes.items():
        for name, why in names.items():
            current = state.unit(name)
            if name in stopped or not current.running:
                continue
            if action == "reload" and name in causes["restart"]:
                continue
            yield Change("unit", name, action, why, previous=current)


def _causes(action: str, state: State, paths: list) -> dict:
    """{unit: why} of this action, in the order of the changes."""
    causes = {}
    for change in paths:
        if change.changes and change.kind in ("file", "link"):
            for name in getattr(change.entry, action):
                causes.setdefault(name, f"{change.name} changes")
    for name in sorted(getattr(state.owed, action)):
        causes.setdefault(name, "owed since an interrupted run")
    return causes


def _starts(catalogue: Catalogue, state: State, restarted: set):
    for unit in catalogue.units:
        current = state.unit(unit.name)
        if unit.state == "started" and not current.running and unit.name not in restarted:
            why = f"is {current.active}"
            if current.load == "not-found":
                why = "not there yet"
            yield _step(unit, "start", why, current)
