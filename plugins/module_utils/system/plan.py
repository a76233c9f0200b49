# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From what a host has to what it shall have: the steps, in order, and nothing done yet."""

from __future__ import annotations

from .catalogue import Catalogue
from .change import Change
from .errors import CatalogueFaultsError
from .plan_accounts import account_faults, plan_accounts
from .plan_paths import path_faults, plan_paths
from .plan_services import plan_services
from .state import Owed, State


def plan(catalogue: Catalogue, state: State, tolerant: bool = False) -> tuple:
    """The steps that bring the host to the catalogue; none when it is there.

    tolerant is check mode's: what an earlier step or role would have brought (a package's
    account, a unit) is taken as coming.

    Raises:
        CatalogueFaultsError: the catalogue does not fit this host; nothing may be written.
    """
    faults = [*path_faults(catalogue, state)]
    if not tolerant:
        faults += account_faults(catalogue, state)
    if faults:
        raise CatalogueFaultsError(faults)
    steps = [*plan_packages(catalogue, state), *plan_accounts(catalogue, state)]
    paths = list(plan_paths(catalogue, state))
    steps += paths
    steps += plan_checks(catalogue, state, paths)
    steps += plan_sysctl(catalogue, state)
    steps += plan_services(catalogue, state, paths)
    return tuple(steps)


def plan_packages(catalogue: Catalogue, state: State):
    """Packages to install and to remove (the action plugin has apt do it)."""
    for name in catalogue.packages:
        if name not in state.packages:
            yield Change("package", name, "install", "would install", after="installed\n")
    for name in catalogue.packages_absent:
        if name in state.packages:
            yield Change("package", name, "remove", "would remove", before="installed\n")


def plan_checks(catalogue: Catalogue, state: State, paths: list):
    """The checks whose files change, and all of them where an interrupted run owes them."""
    changed = {change.name for change in paths if change.changes}
    for check in catalogue.checks:
        if changed & set(check.files):
            yield Change("check", " ".join(check.command), "check", "its files change", check)
        elif state.owed.checks:
            yield Change(
                "check",
                " ".join(check.command),
                "check",
                "an interrupted run left it undone",
                check,
            )


def plan_sysctl(catalogue: Catalogue, state: State):
    """Kernel settings to write; what this kernel refuses here is said and left."""
    for key, wanted in catalogue.sysctl:
        setting = state.sysctl.get(key)
        if setting is None or setting.value is None:
            yield Change("sysctl", key, "skip", "this kernel does not have it here")
        elif setting.value == wanted:
            continue
        elif not setting.writable:
            why = f"this kernel refuses it here (a container?); it has {setting.value}"
            yield Change("sysctl", key, "skip", why)
        else:
            why = f"kernel has {setting.value}"
            before, after = setting.value + "\n", wanted + "\n"
            yield Change("sysctl", key, "set", why, wanted, before, after)


def owes(catalogue: Catalogue, state: State, paths: list) -> Owed:
    """What is owed once these path changes are written: to be recorded before the first."""
    changed = [change for change in paths if change.changes]
    triggering = [change.entry for change in changed if change.kind in ("file", "link")]
    names = {change.name for change in changed}
    return Owed(
        restart=state.owed.restart.union(*(entry.restart for entry in triggering)),
        reload=state.owed.reload.union(*(entry.reload for entry in triggering)),
        checks=state.owed.checks or any(names & set(check.files) for check in catalogue.checks),
    )
