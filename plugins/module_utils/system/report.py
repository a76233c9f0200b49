# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the run says: items, and a diff of each step that changes something."""

from __future__ import annotations

import hashlib

from .change import Change
from .observe import SHOWN

HIDDEN = "(not shown: no_diff)\n"


def diffs(changes) -> list:
    """Ansible's diff, one entry a step; secrets and what is no text are told, not shown."""
    return [_diff(change) for change in changes if change.changes and _is_shown(change)]


def _is_shown(change: Change) -> bool:
    return change.before is not None or change.after is not None


def _diff(change: Change) -> dict:
    before, after = shown(change.before or ""), shown(change.after or "")
    if change.hidden:
        before, after = (HIDDEN if change.before else ""), (HIDDEN if change.after else "")
        if before == after:
            before = "(not shown: no_diff, differs)\n"
    header = f"{change.name} ({change.kind})"
    return {"before_header": header, "after_header": header, "before": before, "after": after}


def shown(content) -> str:
    """Content as a diff can carry it."""
    if isinstance(content, str):
        return content
    if len(content) <= SHOWN and b"\0" not in content:
        try:
            return content.decode()
        except UnicodeDecodeError:
            pass
    digest = hashlib.sha256(content).hexdigest()
    return f"({len(content)} bytes, not text or too long to show, sha256 {digest})\n"
