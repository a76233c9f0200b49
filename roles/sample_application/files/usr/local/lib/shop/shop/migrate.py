# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Brings the database's tables to what this version needs; a second time changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import seed

FOLDER = Path(__file__).with_name("migrations")
#: One migration at a time, whoever starts it; any number will do as long as it stays.
LOCK = 7_305_001
LEDGER = """CREATE TABLE IF NOT EXISTS schema_migrations (
    version integer PRIMARY KEY,
    name text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)"""


@dataclass(frozen=True)
class Step:
    """One migration; apply gets a cursor inside the transaction."""

    version: int
    name: str
    apply: Callable[[Any], None]


def script(path: Path) -> Step:
    """The step of a file `0001_schema.sql`."""
    version, _bar, name = path.stem.partition("_")
    return Step(int(version), name, lambda cursor: cursor.execute(path.read_text("utf-8")))


def steps() -> list[Step]:
    """Every step in order: the scripts of migrations/, and the first data."""
    found = [script(path) for path in FOLDER.glob("*.sql")]
    return sorted([*found, Step(2, "first_data", seed.load)], key=lambda step: step.version)


def pending(applied: Iterable[int], known: Sequence[Step]) -> list[Step]:
    """The steps still to do.

    Raises:
        ValueError: the database is ahead of this version, or two steps have one number.
    """
    versions = [step.version for step in known]
    if len(set(versions)) != len(versions):
        raise ValueError(f"expected each migration to have its own number, found {versions}")
    done = set(applied)
    ahead = sorted(done - set(versions))
    if ahead:
        raise ValueError(
            f"the database has migration {ahead[-1]}, this version of the shop knows up to "
            f"{max(versions, default=0)}; install the newer version"
        )
    return [step for step in known if step.version not in done]


def migrate(connection: Any, known: Sequence[Step]) -> list[str]:
    """Apply what is pending in one transaction; the names of what was done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        cursor.execute(LEDGER)
        cursor.execute("SELECT version FROM schema_migrations")
        todo = pending([row[0] for row in cursor.fetchall()], known)
        for step in todo:
            step.apply(cursor)
            cursor.execute(
                "INSERT INTO schema_migrations (version, name) VALUES (%s, %s)",
                (step.version, step.name),
            )
    connection.commit()
    return [step.name for step in todo]
