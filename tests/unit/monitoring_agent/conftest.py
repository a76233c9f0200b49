# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The daemon ships as files of the role: import it from where it lies."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

ROLE = Path(__file__).parents[3] / "roles" / "monitoring_agent"
LIBRARY = ROLE / "files" / "usr" / "local" / "lib" / "holdfast"
sys.path.insert(0, str(LIBRARY))

# A busy machine is no fault of the parser.
settings.register_profile("monitoring_agent", deadline=None)
settings.load_profile("monitoring_agent")

HEADER = b"<190>Nov 23 10:09:12 holdfast: "
FIELDS = {
    "server": "shop.example",
    "status": "200",
    "seconds": "0.123",
    "upstream": "0.100",
    "sent": "512",
    "length": "under_1k",
    "session": "c00kie",
}


@pytest.fixture(scope="session")
def role() -> Path:
    """The role's directory."""
    return ROLE


@pytest.fixture(scope="session")
def library() -> Path:
    """What PYTHONPATH is on a host."""
    return LIBRARY


@pytest.fixture(scope="session")
def line() -> Callable[..., bytes]:
    """Make a log line as nginx sends it; keyword arguments replace fields, None leaves one out."""

    def make(**changes: str | None) -> bytes:
        fields = {k: v for k, v in {**FIELDS, **changes}.items() if v is not None}
        return HEADER + json.dumps(fields, ensure_ascii=False).encode("utf-8", "surrogateescape")

    return make


@pytest.fixture(scope="session")
def reachable() -> Callable[[object], list[object]]:
    """List every object that can be reached from another, plain values included."""

    def walk(root: object) -> list[object]:
        found, queue, seen = [], [root], set()
        while queue:
            item = queue.pop()
            if id(item) in seen or isinstance(item, type) or callable(item):
                continue
            seen.add(id(item))
            found.append(item)
            queue.extend(gc.get_referents(item))
        return found

    return walk
