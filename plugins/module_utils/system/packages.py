# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How the controller deals with apt's failures, and how it reports packages."""

from __future__ import annotations

import re

# Seconds before the second, third and fourth attempt.
_DELAYS = (2, 8, 20)
_PASSING = re.compile(
    r"failed to (fetch|update apt cache|lock)|could not (connect|resolve|get lock)"
    r"|unable to (connect|fetch|acquire|lock)|connection (failed|reset|refused)"
    r"|temporary failure|timed out|timeout|network is unreachable|held by process"
    r"|hash sum mismatch|size mismatch|some index files failed|\b50[0234]\b",
    re.IGNORECASE,
)
_STALE = re.compile(r"no package matching|unable to locate package", re.IGNORECASE)


def delay_before_retry(message: str, attempt: int):
    """Seconds to wait before trying again after this failed attempt (1, 2, ...), None to give up.

    Networks and locks pass; a package that the lists lack is looked for once more, in fresh
    lists; anything else stays wrong however often it is tried.
    """
    if _STALE.search(message):
        return 0 if attempt == 1 else None
    if not _PASSING.search(message) or attempt > len(_DELAYS):
        return None
    return _DELAYS[attempt - 1]


def package_items(state: str, names: list) -> list:
    """What was done to packages, as items of the result."""
    action, why = ("install", "not installed") if state == "present" else ("remove", "installed")
    return [
        {"kind": "package", "name": name, "changed": True, "action": action, "why": why}
        for name in names
    ]
