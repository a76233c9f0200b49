# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads from a host, in one pass, all that a catalogue speaks of. Changes nothing."""

from __future__ import annotations

import grp
import os
import pwd
import stat

from .catalogue import Catalogue
from .dpkg import installed
from .errors import CatalogueError
from .host import Host
from .kernel import read_setting
from .keys import read_keys
from .owed import read_owed
from .state import ABSENT, Owed, PathState, State, UserState
from .systemctl import parse_show, show_command

# A file of another length than the wanted one is read only to be shown (as Ansible's own limit).
SHOWN = 104448
_KINDS = ((stat.S_ISREG, "file"), (stat.S_ISDIR, "directory"), (stat.S_ISLNK, "link"))


def observe(catalogue: Catalogue, host: Host) -> State:
    """The host's state as far as the catalogue speaks of it."""
    owed = read_owed(host.record(catalogue.name))
    return State(
        packages=observe_packages(catalogue, host),
        users=_users(catalogue),
        groups=_groups(catalogue),
        paths=_paths(catalogue),
        units=_units(catalogue, owed, host),
        sysctl={key: read_setting(host.places.kernel, key) for key, _v in catalogue.sysctl},
        owed=owed,
    )


def observe_packages(catalogue: Catalogue, host: Host) -> frozenset:
    """Those of the named packages that are installed."""
    names = catalogue.packages + catalogue.packages_absent
    if not names:
        return frozenset()
    try:
        with open(host.places.dpkg_status, "rb") as stream:
            return installed(stream.read(), names)
    except OSError as error:
        raise CatalogueError(
            f"expected dpkg's status in {host.places.dpkg_status} (Debian), found: {error.strerror}"
        ) from error


def _users(catalogue: Catalogue) -> dict:
    wanted = {user.name: user for user in catalogue.users}
    owners = {entry.owner for entry in catalogue.directories + catalogue.files}
    memberships = _memberships() if wanted else {}
    found = {}
    for name in owners | set(wanted):
        entry = _account(name)
        if entry is not None:
            found[name] = _user(entry, wanted.get(name), memberships.get(name, frozenset()))
    return found


def _account(name: str):
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _user(entry: pwd.struct_passwd, wanted, groups: frozenset) -> UserState:
    keys = None
    if wanted is not None and wanted.authorized_keys is not None:
        keys = read_keys(entry.pw_dir)
    return UserState(
        uid=entry.pw_uid,
        gid=entry.pw_gid,
        shell=entry.pw_shell,
        home=entry.pw_dir,
        comment=entry.pw_gecos,
        groups=groups,
        home_exists=wanted is None or os.path.isdir(entry.pw_dir),
        authorized_keys=keys,
    )


def _memberships() -> dict:
    """{user: frozenset of supplementary group names}."""
    found: dict = {}
    for group in grp.getgrall():
        for member in group.gr_mem:
            found.setdefault(member, set()).add(group.gr_name)
    return {name: frozenset(groups) for name, groups in found.items()}


def _groups(catalogue: Catalogue) -> dict:
    names = {entry.group for entry in catalogue.directories + catalogue.files}
    names |= {group.name for group in catalogue.groups}
    for user in catalogue.users:
        names |= {user.name, *(user.groups or ()), *([user.group] if user.group else [])}
    gids = {name: _gid(name) for name in names}
    return {name: gid for name, gid in gids.items() if gid is not None}


def _gid(name: str):
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return None


def _paths(catalogue: Catalogue) -> dict:
    found = {}
    for entry in catalogue.directories + catalogue.links:
        found[entry.path] = observe_path(entry.path)
    for entry in catalogue.files:
        found[entry.path] = observe_path(entry.path, len(entry.content))
    for path in list(found):
        _observe_parents(path, found)
    return found


def _observe_parents(path: str, found: dict) -> None:
    parent = os.path.dirname(path)
    while parent not in found:
        # A parent may be reached through links (/var/run): what counts is that it is there.
        found[parent] = observe_path(parent) if not os.path.isdir(parent) else _THERE
        parent = os.path.dirname(parent)


_THERE = PathState(kind="directory")


def observe_path(path: str, length: int = -1, whole: bool = False) -> PathState:
    """One path, links not followed.

    A file's content is read where it may be of this length or is short enough to be shown;
    always when whole is asked for.
    """
    try:
        info = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return ABSENT
    kind = next((name for test, name in _KINDS if test(info.st_mode)), "other")
    content = None
    wanted = length >= 0 and (info.st_size == length or info.st_size <= SHOWN)
    if kind == "file" and (wanted or whole):
        with open(path, "rb") as stream:
            content = stream.read()
    target = os.readlink(path) if kind == "link" else None
    mode = stat.S_IMODE(info.st_mode)
    return PathState(kind, mode, info.st_uid, info.st_gid, content, target)


def _units(catalogue: Catalogue, owed: Owed, host: Host) -> dict:
    names = {unit.name for unit in catalogue.units} | owed.restart | owed.reload
    for entry in catalogue.files + catalogue.links:
        names.update(entry.restart, entry.reload)
    return observe_units(sorted(names), host)


def observe_units(names: list, host: Host) -> dict:
    """{unit: UnitState} of these units, by one systemctl."""
    return parse_show(host.run(show_command(names)), names) if names else {}
