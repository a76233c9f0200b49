# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Takes the planned steps on the host, in order. Imported only when there is something to do."""

from __future__ import annotations

from .apply_accounts import apply_account
from .apply_checks import apply_checks, snapshots
from .apply_paths import apply_path
from .apply_services import apply_services
from .catalogue import Catalogue
from .change import Change
from .host import Host
from .kernel import write_setting
from .owed import clear_owed, write_owed
from .plan import owes
from .state import State

_ACCOUNTS = ("group", "user", "authorized_keys")
_PATHS = ("directory", "file", "link")


def apply(changes: tuple, catalogue: Catalogue, state: State, host: Host):
    """Take the steps; yields each as it is done, so that a failure leaves a true account.

    What the files' units are owed is on disk before the first file is written.

    Raises:
        CatalogueError: a step failed. What was done stays done, what is owed stays recorded.
    """
    paths = [change for change in changes if change.kind in _PATHS]
    record = host.record(catalogue.name)
    for change in changes:
        if change.kind in _ACCOUNTS:
            apply_account(change, state, host)
            yield change
    owed = owes(catalogue, state, paths)
    write_owed(record, owed)
    before = snapshots(catalogue, paths)
    for change in paths:
        apply_path(change, host)
        yield change

    def forget(undone: list) -> None:
        kept = [change for change in paths if change.name not in undone]
        write_owed(record, owes(catalogue, state, kept))

    checks = [change for change in changes if change.kind == "check"]
    yield from apply_checks(checks, before, host, forget)
    for change in changes:
        if change.kind == "sysctl":
            yield _apply_setting(change, host)
    yield from apply_services([change for change in changes if change.kind == "unit"], host)
    clear_owed(record)


def _apply_setting(change: Change, host: Host) -> Change:
    """A kernel setting; one that is refused after all becomes a step that was skipped."""
    if not change.changes or write_setting(host.places.kernel, change.name, change.entry):
        return change
    return change._replace(action="skip", why="this kernel refuses it here (a container?)")
