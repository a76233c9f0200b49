# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A health report: one entry a host, whether it was checked, failed before, or was not reached."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Optional

from ansible_collections.holdfast.ops.plugins.module_utils.health.model import (
    FAIL,
    NOT_ASKED,
    OK,
    UNKNOWN,
    WARN,
)

# A host that was not checked at all: the task failed before, or the host was not reached.
ERROR, UNREACHABLE = "error", "unreachable"
WORST_FIRST = (UNREACHABLE, ERROR, FAIL, UNKNOWN, WARN, OK)
HOST_KEY, LOGIN, NETWORK = "host key", "login", "network"
SCHEMA = 1

Entry = dict[str, Any]

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_KEY_CHANGED = re.compile(r"REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed")
_NO_KEY = re.compile(r"No \S+ host key is known")
_OFFERED = re.compile(r"(SHA256:[A-Za-z0-9+/=]+)")
_REFUSED = re.compile(r"Permission denied|Too many authentication failures|Authentication failed")
_TELLING = re.compile(
    r"timed out|refused|No route|unreachable|not resolve|reset|closed|Broken pipe|denied",
    re.IGNORECASE,
)


def checked(host: str, labels: Mapping[str, Any], result: Mapping[str, Any]) -> Entry:
    """Entry of a host from what health_check_info returned (its `health_check`)."""
    return _entry(
        host,
        labels,
        str(result["status"]),
        checked_at=result["checked_at"],
        duration_ms=result["duration_ms"],
        items=list(result["items"]),
    )


def not_checked(host: str, labels: Mapping[str, Any], message: str) -> Entry:
    """Entry of a host where the task itself failed."""
    return _entry(host, labels, ERROR, reason="not checked", why=one_line(message))


def not_reached(host: str, labels: Mapping[str, Any], message: str) -> Entry:
    """Entry of a host that Ansible calls unreachable; a refused host key is named as such."""
    reason, why = _why_unreachable(message)
    return _entry(host, labels, UNREACHABLE, reason=reason, why=why)


def _entry(host: str, labels: Mapping[str, Any], status: str, **more: Any) -> Entry:
    empty: Entry = {"checked_at": None, "duration_ms": None, "reason": None, "why": "", "items": []}
    return {"host": host, **labels, "status": status, **empty, **more}


def _why_unreachable(message: str) -> tuple[str, str]:
    if _NO_KEY.search(message):
        return HOST_KEY, "its SSH host key is not pinned in known_hosts; nothing was sent to it"
    if _KEY_CHANGED.search(message):
        offered = _OFFERED.search(message)
        key = f" ({offered.group(1)})" if offered else ""
        why = f"answers with another SSH host key{key} than the pinned one; nothing was sent to it"
        return HOST_KEY, why
    lines = [one_line(line) for line in message.splitlines() if line.strip()]
    telling = [line for line in lines if _TELLING.search(line)] or lines[-1:] or ["no reason given"]
    why = re.split(r"(?:via|over) ssh: ", telling[-1])[-1]
    return (LOGIN if _REFUSED.search(message) else NETWORK), why


def one_line(text: str) -> str:
    """Text of a host, fit for a terminal: no control characters, one line, no novel."""
    plain = " ".join(_CONTROL.sub(" ", str(text)).split())
    return plain if len(plain) <= 500 else f"{plain[:497]}..."


def healthy(entry: Entry) -> bool:
    """Whether a host needs nobody now.

    A warning can wait. A service that could not be seen into cannot; of the host itself
    something unknown (a clock without a source) is shown and can wait too.
    """
    if entry["status"] in (FAIL, ERROR, UNREACHABLE) or not entry["items"]:
        return False
    return not any(i["status"] == UNKNOWN and i["service"] for i in entry["items"])


def build(entries: Iterable[Entry], started_at: str, seconds: float) -> dict[str, Any]:
    """The whole report, worst hosts first. started_at: UTC, ISO 8601."""
    hosts = sorted(entries, key=lambda e: (WORST_FIRST.index(e["status"]), _place(e)))
    counts = Counter(entry["status"] for entry in hosts)
    return {
        "schema": SCHEMA,
        "checked_at": started_at,
        "duration_s": round(seconds, 2),
        "status": hosts[0]["status"] if hosts else UNKNOWN,
        "healthy": bool(hosts) and all(healthy(entry) for entry in hosts),
        "counts": {status: counts[status] for status in WORST_FIRST if counts[status]},
        "hosts": hosts,
    }


def _place(entry: Entry) -> tuple[str, str, str]:
    return entry.get("client") or "", entry.get("instance") or "", entry["host"]


def wrong_items(entry: Entry) -> list[dict[str, Any]]:
    """Items that are not ok, worst first, without those that another one explains."""
    wrong = [i for i in entry["items"] if i["status"] != OK and not explained(i)]
    return sorted(wrong, key=lambda item: WORST_FIRST.index(item["status"]))


def explained(item: Mapping[str, Any]) -> bool:
    """Whether the item could not be asked because of another fault of its service."""
    return bool(item["status"] == UNKNOWN and str(item["why"]).startswith(NOT_ASKED))


def place(entry: Entry) -> str:
    """client/instance, or a dash for a host of neither."""
    return "/".join(str(p) for p in (entry.get("client"), entry.get("instance")) if p) or "-"


def measured(value: Any, unit: Optional[str]) -> str:
    """A value with its unit, as people write it."""
    if value is None:
        return "-"
    text = f"{value:g}" if isinstance(value, (int, float)) else one_line(value)
    return f"{text} {unit}" if unit else text
