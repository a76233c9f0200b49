# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""systemd's view of units: one `systemctl show` for all, read by pure functions."""

from __future__ import annotations

from .state import UnitState

_PROPERTIES = (
    "LoadState",
    "ActiveState",
    "SubState",
    "UnitFileState",
    "Type",
    "Result",
    "ConditionResult",
    "NeedDaemonReload",
    "Triggers",
)


def show_command(units: list) -> list:
    """The one command that reads these units."""
    return ["systemctl", "show", "--no-pager", "--property=" + ",".join(_PROPERTIES), "--", *units]


def parse_show(output: str, units: list) -> dict:
    """{unit: UnitState} from the output of show_command; one block a unit, in its order."""
    blocks = output.strip("\n").split("\n\n")
    return {name: _unit(block) for name, block in zip(units, blocks)}


def _unit(block: str) -> UnitState:
    values = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
    return UnitState(
        load=values.get("LoadState", "not-found"),
        active=values.get("ActiveState", "inactive"),
        sub=values.get("SubState", "dead"),
        file=values.get("UnitFileState", ""),
        kind=values.get("Type", ""),
        result=values.get("Result", "success"),
        condition=values.get("ConditionResult", "yes") != "no",
        needs_reload=values.get("NeedDaemonReload") == "yes",
        triggers=tuple(values.get("Triggers", "").split()),
    )
