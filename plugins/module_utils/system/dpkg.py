# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which packages are installed, read from dpkg's own status file: no process needed."""

from __future__ import annotations

import re

_FIELD = re.compile(rb"^(Status|Provides):[ \t]*(.*)$", re.MULTILINE)
_OK = b"ok installed"


def installed(status: bytes, wanted: tuple) -> frozenset:
    """Those of the wanted names that are installed, or provided by what is installed.

    A half-configured package does not count: apt has to finish it.
    """
    return frozenset(
        name for name in wanted if _is_installed(status, name) or _is_provided(status, name)
    )


def _is_installed(status: bytes, name: str) -> bool:
    """One stanza an architecture may carry the name; one installed is enough."""
    marker = b"\nPackage: %s\n" % name.encode()
    text = status if status.startswith(b"\n") else b"\n" + status
    at = text.find(marker)
    while at != -1:
        end = text.find(b"\n\n", at)
        stanza = text[at : end if end != -1 else len(text)]
        if _state(stanza).endswith(_OK):
            return True
        at = text.find(marker, at + 1)
    return False


def _state(stanza: bytes) -> bytes:
    for key, value in _FIELD.findall(stanza):
        if key == b"Status":
            return value.strip()
    return b""


def _is_provided(status: bytes, name: str) -> bool:
    """A virtual package, such as mail-transport-agent."""
    named = re.compile(
        rb"^Provides:(?:.*[ ,])?%s(?:[ ,(].*)?$" % re.escape(name.encode()), re.MULTILINE
    )
    for match in named.finditer(status):
        start = status.rfind(b"\n\n", 0, match.start()) + 2 if match.start() else 0
        end = status.find(b"\n\n", match.start())
        if _state(status[max(start, 0) : end if end != -1 else len(status)]).endswith(_OK):
            return True
    return False
