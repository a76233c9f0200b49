# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The record of what is owed: on disk before the first write, gone after the last restart."""

from __future__ import annotations

import json
import os

from .errors import CatalogueError
from .state import Owed


def read_owed(path: str) -> Owed:
    """What an interrupted run left owed; nothing where there is no record.

    Raises:
        CatalogueError: the record cannot be understood, so what is owed is unknown.
    """
    try:
        with open(path, encoding="utf-8") as stream:
            record = json.load(stream)
        return Owed(
            restart=frozenset(record["restart"]),
            reload=frozenset(record["reload"]),
            checks=bool(record["checks"]),
        )
    except FileNotFoundError:
        return Owed()
    except (ValueError, KeyError, TypeError) as error:
        raise CatalogueError(
            f"expected the record of owed restarts in {path}, found something else ({error}); "
            "restart this catalogue's services by hand and remove the file"
        ) from error


def write_owed(path: str, owed: Owed) -> None:
    """Put the record on disk, whole or not at all, before anything that it speaks of."""
    if not owed:
        clear_owed(path)
        return
    record = {
        "restart": sorted(owed.restart),
        "reload": sorted(owed.reload),
        "checks": owed.checks,
    }
    fresh = path + ".new"
    with open(fresh, "w", encoding="utf-8") as stream:
        json.dump(record, stream)
        stream.flush()
        os.fsync(stream.fileno())
    os.rename(fresh, path)


def clear_owed(path: str) -> None:
    """Nothing is owed any more."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
