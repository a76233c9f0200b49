# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A health report as one table for a tired reader: what is wrong first, what is well counted."""

from __future__ import annotations

import textwrap
from typing import Any, NamedTuple, Optional

from ansible_collections.holdfast.ops.plugins.module_utils.health.model import OK
from ansible_collections.holdfast.ops.plugins.plugin_utils.health.report import (
    Entry,
    explained,
    measured,
    one_line,
    place,
    wrong_items,
)

HEAD = ("STATUS", "CLIENT", "HOST", "SERVICE", "CHECK", "VALUE", "LIMIT", "WHY")
# A column of reasons narrower than this is worse than a long line.
NARROW = 24


class Line(NamedTuple):
    """A line of the table and the status that gives it its colour (none for headings)."""

    text: str
    status: Optional[str] = None


def render(report: dict[str, Any], width: Optional[int] = None) -> list[Line]:
    """All lines. width: columns of the terminal; None leaves every row on one line."""
    rows = [row for entry in report["hosts"] for row in _rows(entry)]
    cells = [HEAD, *(row for _status, row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEAD) - 1)]
    lines = [Line(text) for text in _row(HEAD, widths, width)]
    for status, row in rows:
        lines += [Line(text, status) for text in _row(row, widths, width)]
    return [*lines, Line(""), Line(closing(report), report["status"])]


def closing(report: dict[str, Any]) -> str:
    """The last line: how many hosts are how, when and how long."""
    counts = ", ".join(f"{number} {status}" for status, number in report["counts"].items())
    total = len(report["hosts"])
    hosts = "1 host" if total == 1 else f"{total} hosts"
    return f"{hosts}: {counts or 'none'}; {report['checked_at']}, {report['duration_s']:.1f} s"


def _rows(entry: Entry) -> list[tuple[str, tuple[str, ...]]]:
    where = (place(entry), entry["host"])
    if entry["reason"]:
        row = (entry["status"].upper(), *where, "-", entry["reason"], "-", "-", entry["why"])
        return [(entry["status"], row)]
    rows = [(item["status"], _of_item(item, where)) for item in wrong_items(entry)]
    return [*rows, (OK, (OK, *where, "-", "-", "-", "-", _rest(entry)))]


def _of_item(item: dict[str, Any], where: tuple[str, str]) -> tuple[str, ...]:
    return (
        item["status"].upper(),
        *where,
        item["service"] or "-",
        # The host's checks of one kind are told apart by what they are about: disk:/var.
        item["id"].partition(".")[2] if not item["service"] else item["check"],
        measured(item["value"], item["unit"]),
        measured(item["limit"], item["unit"]),
        one_line(item["why"]),
    )


def _rest(entry: Entry) -> str:
    fine = sum(item["status"] == OK for item in entry["items"])
    skipped = sum(explained(item) for item in entry["items"])
    more = f", {skipped} not asked because of the above" if skipped else ""
    return f"{fine} checks ok{more}"


def _row(cells: tuple[str, ...], widths: list[int], width: Optional[int]) -> list[str]:
    """One row; the last cell goes on below itself where the terminal is too narrow."""
    head = "  ".join(cell.ljust(size) for cell, size in zip(cells, widths)) + "  "
    room = (width or 0) - len(head)
    if room < NARROW:
        return [(head + cells[-1]).rstrip()]
    parts = textwrap.wrap(cells[-1], room, break_on_hyphens=False) or [""]
    return [(head + parts[0]).rstrip(), *(" " * len(head) + part for part in parts[1:])]
