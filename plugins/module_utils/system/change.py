# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One step from what a host has to what it shall have."""

from __future__ import annotations

from typing import Any, NamedTuple, Optional


class Change(NamedTuple):
    """A planned step; entry is the catalogue's entry it serves.

    before and after are what a diff shows, bytes for a file's content, text for the rest.
    A step with action "skip" changes nothing and says why.
    """

    kind: str
    name: str
    action: str
    why: str
    entry: Any = None
    before: Any = None
    after: Any = None
    hidden: bool = False
    previous: Optional[Any] = None

    @property
    def changes(self) -> bool:
        """Whether the host is different after it."""
        return self.action != "skip"

    def item(self) -> dict:
        """As the module reports it."""
        return {
            "kind": self.kind,
            "name": self.name,
            "changed": self.changes,
            "action": self.action,
            "why": self.why,
        }
