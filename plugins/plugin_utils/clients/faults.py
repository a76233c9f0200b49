# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong with a declaration, as data and as words."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable, Sequence
from typing import Any, Optional

#: Longest piece of a value that a message repeats.
SHOWN = 60


@dataclasses.dataclass(frozen=True)
class Fault:
    """One thing that is wrong.

    file: path as it was given to the loader. line: 1-based, 0 where the file has none.
    key: dotted path of the key, empty for the file as a whole. hint: what to do, may be empty.
    """

    file: str
    line: int
    key: str
    expected: str
    found: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        key = f" {self.key}:" if self.key else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{place}:{key} expected {self.expected}, found {self.found}{hint}"


class DeclarationError(Exception):
    """The declarations are not usable; `faults` lists all that is wrong with them."""

    def __init__(self, root: str, faults: Iterable[Fault]) -> None:
        self.root = root
        self.faults = sorted(set(faults), key=lambda f: (f.file, f.line, f.key, f.expected))
        super().__init__(root, self.faults)

    def __str__(self) -> str:
        count = len(self.faults)
        head = f"{count} fault{'s' if count != 1 else ''} in the declarations of {self.root}"
        lines = "\n".join(f"  {fault}" for fault in self.faults)
        return f"{head}; nothing was loaded:\n{lines}"


def key_path(parts: Iterable[Any]) -> str:
    """`instances.production.hosts` and `contacts[0].email` from ("contacts", 0, "email")."""
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else str(part)
    return text


def describe(value: Any) -> str:
    """A value in the words of a message, short enough for one line."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, str):
        shown = value if len(value) <= SHOWN else f"{value[:SHOWN]}..."
        return '"' + shown.encode("unicode_escape").decode().replace('"', '\\"') + '"'
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    return f"a {type(value).__name__} ({value})"


def nearest(word: Any, known: Sequence[str]) -> Optional[str]:
    """The known word most like the given one, if any is like it."""
    if not isinstance(word, str):
        return None
    by_lower = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), list(by_lower), n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def meant(word: Any, known: Sequence[str]) -> str:
    """`did you mean "x"?`, or nothing."""
    name = nearest(word, known)
    return f'did you mean "{name}"?' if name else ""
