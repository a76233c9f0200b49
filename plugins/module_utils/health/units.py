# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""systemd units: what `systemctl show` says, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Optional

from ansible_collections.holdfast.ops.plugins.module_utils.health.model import (
    FAIL,
    OK,
    RANK,
    UNKNOWN,
    WARN,
    Item,
    Limits,
    of_host,
    of_service,
    rising,
)

PROPERTIES = "Id,Names,LoadState,ActiveState,SubState,Result,NRestarts"
FAILED = ("systemctl", "list-units", "--state=failed", "--plain", "--no-legend", "--no-pager")
_USABLE = ("loaded", "merged")
_SUFFIXES = (".service", ".socket", ".target", ".timer", ".mount", ".path", ".slice", ".scope")


@dataclass(frozen=True)
class UnitState:
    """One unit as systemd has it; `names` holds its aliases and itself."""

    id: str
    names: tuple[str, ...]
    load: str
    active: str
    sub: str
    result: str
    restarts: int


def show(units: Sequence[str]) -> list[str]:
    """The one command that reads all units, names and globs alike."""
    wanted = [full_name(unit) for unit in units]
    return ["systemctl", "show", "--no-pager", f"--property={PROPERTIES}", "--", *wanted]


def full_name(unit: str) -> str:
    """A name without a type means a service, as systemctl reads it."""
    return unit if unit.endswith(_SUFFIXES) else f"{unit}.service"


def parse_show(text: str) -> list[UnitState]:
    """Blocks of `key=value` lines, an empty line between units."""
    found = []
    for block in text.split("\n\n"):
        pairs = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if "Id" in pairs:
            restarts = pairs.get("NRestarts", "")
            state = UnitState(
                id=pairs["Id"],
                names=tuple(pairs.get("Names", "").split()) or (pairs["Id"],),
                load=pairs.get("LoadState", ""),
                active=pairs.get("ActiveState", ""),
                sub=pairs.get("SubState", ""),
                result=pairs.get("Result", ""),
                restarts=int(restarts) if restarts.isdigit() else 0,
            )
            found.append(state)
    return found


def parse_failed(text: str) -> list[str]:
    """Names of failed units from `systemctl list-units --plain`."""
    return [line.split()[0] for line in text.splitlines() if line.strip()]


def matching(pattern: str, states: Sequence[UnitState]) -> list[UnitState]:
    """Units that a name, an alias or a glob means, each once."""
    wanted = full_name(pattern)
    hits = [s for s in states if any(fnmatchcase(n, wanted) for n in (s.id, *s.names))]
    return list({state.id: state for state in hits}.values())


def judge(service: str, pattern: str, states: Sequence[UnitState], limits: Limits) -> Item:
    """One item for a declared unit.

    Of several that a glob means, one that runs is enough (an older cluster may be kept
    stopped), but one that has failed is told.
    """
    hits = matching(pattern, states)
    if not hits:
        why = f"no unit matches {pattern}: is it installed and started?"
        return of_service(service, "unit", FAIL, value="not found", limit="active", why=why)
    verdicts = [(*_verdict(state, limits), state) for state in hits]
    failed = [v for v in verdicts if v[2].active == "failed"]
    status, why, state = (failed or sorted(verdicts, key=lambda v: RANK[v[0]]))[0]
    value = f"{state.active} ({state.sub})" if state.load in _USABLE else state.load
    return of_service(service, "unit", status, value=value, limit="active", why=why)


def _verdict(state: UnitState, limits: Limits) -> tuple[str, str]:
    if state.load == "not-found":
        return FAIL, f"{state.id} does not exist on this host"
    if state.load == "masked":
        return FAIL, f"{state.id} is masked: systemctl unmask {state.id}"
    if state.load not in _USABLE:
        return FAIL, f"{state.id} cannot be loaded ({state.load}): systemctl status {state.id}"
    if state.sub == "auto-restart":
        return FAIL, f"{state.id} keeps dying ({state.result}, {state.restarts} restarts)"
    if state.active in ("activating", "reloading", "refreshing"):
        return WARN, f"{state.id} is {state.active}: ask again in a moment"
    if state.active != "active":
        ended = f" ({state.result})" if state.result not in ("", "success") else ""
        return FAIL, f"{state.id} does not run{ended}: journalctl -u {state.id}"
    if state.restarts >= limits.restarts_warn:
        return WARN, f"{state.id} was restarted {state.restarts} times: journalctl -u {state.id}"
    return OK, ""


def unknown(service: str, why: str) -> Item:
    """systemd could not be asked."""
    return of_service(service, "unit", UNKNOWN, limit="active", why=why)


def judge_failed(
    names: Optional[Sequence[str]], declared: Sequence[str], limits: Limits, why: str = ""
) -> Item:
    """Failed units beside the declared ones, which have items of their own.

    names: None when systemd could not be asked, for the reason `why`.
    """
    if names is None:
        return of_host("failed_units", UNKNOWN, unit="units", why=why)
    own = [full_name(pattern) for pattern in declared]
    others = [name for name in names if not any(fnmatchcase(name, p) for p in own)]
    status, limit = rising(len(others), limits.failed_units_warn, limits.failed_units_fail)
    text = ", ".join(others[:5]) + (f" and {len(others) - 5} more" if len(others) > 5 else "")
    return of_host("failed_units", status, value=len(others), unit="units", limit=limit, why=text)
