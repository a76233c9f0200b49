# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How the controller deals with apt's failures, and how it reports packages."""

from __future__ import annotations

import re

# Seconds before the second, third and fourth attempt.
DELAYS = (2, 8, 20)
FINISH, REFRESH, WAIT = "finish", "refresh", "wait"

_PASSING = re.compile(
    r"failed to (fetch|update apt cache|lock)|could not (connect|resolve|get lock)"
    r"|unable to (connect|fetch|acquire|lock)|connection (failed|reset|refused)"
    r"|temporary failure|timed out|timeout|network is unreachable|held by process"
    r"|hash sum mismatch|size mismatch|some index files failed|\b50[0234]\b",
    re.IGNORECASE,
)
_INTERRUPTED = re.compile(r"dpkg was interrupted|dpkg --configure -a", re.IGNORECASE)
_STALE = re.compile(r"no package matching|unable to locate package", re.IGNORECASE)


def remedy(message: str, tried: list):
    """What to do about apt's failure before it is asked again, None to give up.

    WAIT: networks and locks pass, so ask again after DELAYS. REFRESH, once: the lists lack a
    package, whatever their date says. FINISH, once: dpkg has to finish what a run that died
    left half installed. Anything else stays wrong however often it is tried.
    """
    if _INTERRUPTED.search(message):
        return None if FINISH in tried else FINISH
    if _STALE.search(message):
        return None if REFRESH in tried else REFRESH
    if _PASSING.search(message) and tried.count(WAIT) < len(DELAYS):
        return WAIT
    return None


def package_items(state: str, names: list) -> list:
    """What was done to packages, as items of the result."""
    action, why = ("install", "not installed") if state == "present" else ("remove", "installed")
    return [
        {"kind": "package", "name": name, "changed": True, "action": action, "why": why}
        for name in names
    ]
