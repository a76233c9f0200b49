# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The whole way: observe, plan, and unless it is check mode, apply."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from typing import NamedTuple

from .catalogue import Catalogue
from .errors import CatalogueError
from .host import Host
from .observe import observe, observe_packages
from .plan import plan, plan_packages
from .state import State

_LOCK_SECONDS = 60


class Outcome(NamedTuple):
    """The steps taken (in check mode: that would be), or the packages that have to come first."""

    changes: tuple = ()
    install: tuple = ()
    remove: tuple = ()


def predict(catalogue: Catalogue, host: Host) -> Outcome:
    """What bring would do. Changes nothing.

    Raises:
        CatalogueFaultsError: the catalogue does not fit this host.
    """
    return Outcome(plan(catalogue, observe(catalogue, host), tolerant=True))


def bring(catalogue: Catalogue, host: Host, tell) -> Outcome:
    """Bring the host to the catalogue. tell(change) is called for each step once it is taken.

    Where packages are to be installed or removed first, nothing is done and they are named.

    Raises:
        CatalogueError: a step failed; those told before it were taken.
    """
    packages = State(packages=observe_packages(catalogue, host))
    first = {action: [] for action in ("install", "remove")}
    for change in plan_packages(catalogue, packages):
        first[change.action].append(change.name)
    if first["install"] or first["remove"]:
        return Outcome(install=tuple(first["install"]), remove=tuple(first["remove"]))
    changes = plan(catalogue, observe(catalogue, host))
    if not any(change.changes for change in changes):
        return Outcome(changes)
    with _locked(host):
        return Outcome(tuple(_apply(catalogue, host, tell)))


def _apply(catalogue: Catalogue, host: Host, tell):
    """Plan again under the lock, as another run may have been at work, and take the steps."""
    from .apply import apply  # the larger half: a run that changes nothing never loads it

    state = observe(catalogue, host)
    for change in apply(plan(catalogue, state), catalogue, state, host):
        tell(change)
        yield change


@contextlib.contextmanager
def _locked(host: Host):
    """One run at a time applies a catalogue on this host.

    Raises:
        CatalogueError: another run has held it for a minute.
    """
    host.prepare_records()
    descriptor = os.open(host.places.records, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        ends = time.monotonic() + _LOCK_SECONDS
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > ends:
                    raise CatalogueError(
                        "expected no other run to apply a catalogue on this host, found one at "
                        f"work for {_LOCK_SECONDS} s; wait for it, then run again"
                    ) from None
                time.sleep(0.2)
        host.clear_stage()
        yield
    finally:
        os.close(descriptor)
