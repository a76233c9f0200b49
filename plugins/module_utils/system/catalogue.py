# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a host shall have: the catalogue as frozen values, checked once when it is read.

Named tuples, not dataclasses: as frozen, and a fifth of the time to define, which each run
pays on each host.
"""

from __future__ import annotations

import base64
import os
import re
from typing import Any, NamedTuple, Optional

from .errors import CatalogueFaultsError

_NAME = re.compile(r"^[a-z][a-z0-9_]*$")
_ACCOUNT = re.compile(r"^[a-z_][a-z0-9_-]{0,31}$")
_PACKAGE = re.compile(r"^[a-z0-9][a-z0-9.+-]+$")
_UNIT = re.compile(r"^[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]*\.[a-z]+$")
_MODE = re.compile(r"^0?[0-7]{3}$|^[0-7]{4}$")
_SYSCTL = re.compile(r"^[A-Za-z0-9_./-]+$")
SYSCTL_HEADER = "# Managed by Holdfast: catalogue %s. Changes here are lost.\n"


class Group(NamedTuple):
    """A group to have."""

    name: str
    system: bool = False
    gid: Optional[int] = None


class User(NamedTuple):
    """An account to have; None leaves a property as it is."""

    name: str
    uid: Optional[int] = None
    group: Optional[str] = None
    groups: Optional[tuple] = None
    append: bool = True
    system: bool = False
    shell: Optional[str] = None
    home: Optional[str] = None
    create_home: bool = True
    comment: Optional[str] = None
    authorized_keys: Optional[tuple] = None


class Directory(NamedTuple):
    """A directory to have or not to have. mode is four octal digits as text."""

    path: str
    owner: str = "root"
    group: str = "root"
    mode: str = "0755"
    state: str = "directory"


class File(NamedTuple):
    """A file to have (content in bytes) or not to have; restart and reload name units."""

    path: str
    content: bytes = b""
    owner: str = "root"
    group: str = "root"
    mode: str = "0644"
    state: str = "file"
    validate: tuple = ()
    restart: tuple = ()
    reload: tuple = ()
    no_diff: bool = False


class Link(NamedTuple):
    """A symbolic link to have or not to have."""

    path: str
    target: Optional[str] = None
    state: str = "link"
    force: bool = False
    restart: tuple = ()
    reload: tuple = ()


class Check(NamedTuple):
    """A command that must succeed once these files are written; else they go back."""

    command: tuple
    files: tuple


class Unit(NamedTuple):
    """A systemd unit; None leaves that side of it as it is."""

    name: str
    enabled: Optional[bool] = None
    state: Optional[str] = None
    masked: Optional[bool] = None


class Catalogue(NamedTuple):
    """Everything one role wants of a host."""

    name: str
    packages: tuple = ()
    packages_absent: tuple = ()
    groups: tuple = ()
    users: tuple = ()
    directories: tuple = ()
    files: tuple = ()
    links: tuple = ()
    checks: tuple = ()
    sysctl: tuple = ()
    units: tuple = ()


def unit_name(name: str) -> str:
    """A unit's full name: what systemctl assumes when no type is given."""
    known = ("service", "socket", "timer", "path", "mount", "target", "slice", "swap", "automount")
    return name if name.rpartition(".")[2] in known else name + ".service"


def read_catalogue(params: dict, sysctl_directory: str) -> Catalogue:
    """The catalogue that the module's parameters describe.

    Raises:
        CatalogueFaultsError: with everything that is wrong with it.
    """
    contents = params.get("contents") or {}
    files = [_file(row, contents) for row in params["files"]]
    files += _sysctl_file(params, sysctl_directory)
    catalogue = Catalogue(
        name=params["name"],
        packages=tuple(params["packages"]),
        packages_absent=tuple(params["packages_absent"]),
        groups=tuple(_build(Group, row) for row in params["groups"]),
        users=tuple(_build(User, row) for row in params["users"]),
        directories=tuple(_build(Directory, row) for row in params["directories"]),
        files=tuple(files),
        links=tuple(_triggering(Link, row) for row in params["links"]),
        checks=tuple(_build(Check, row) for row in params["checks"]),
        sysctl=tuple((key, _setting(value)) for key, value in (params["sysctl"] or {}).items()),
        units=tuple(
            _build(Unit, dict(row, name=unit_name(row["name"]))) for row in params["units"]
        ),
    )
    faults = list(_faults(catalogue))
    if faults:
        raise CatalogueFaultsError(faults)
    return catalogue


def _build(kind: type, row: dict) -> Any:
    """A frozen value of this kind from a parameter row; lists become tuples, paths are tidied."""
    values = {}
    for name in kind._fields:
        if name in row:
            values[name] = tuple(row[name]) if isinstance(row[name], list) else row[name]
    if isinstance(values.get("path"), str):
        values["path"] = os.path.normpath(values["path"])
    return kind(**values)


def _triggering(kind: type, row: dict) -> Any:
    named = {key: [unit_name(name) for name in row[key]] for key in ("restart", "reload")}
    return _build(kind, dict(row, **named))


def _file(row: dict, contents: dict) -> File:
    """A file; its content travels apart, in base64, so that no log or result ever shows it."""
    content = (row.get("content") or "").encode()
    if row["path"] in contents:
        content = base64.b64decode(contents[row["path"]])
    return _triggering(File, dict(row, content=content))


def _setting(value: Any) -> str:
    """A kernel setting as the kernel shows it: words, one blank between."""
    return " ".join(str(value).split())


def _sysctl_file(params: dict, directory: str) -> list:
    """The file that sets the kernel's values at boot; given but empty means no such file."""
    settings = params["sysctl"]
    if settings is None:
        return []
    path = f"{directory}/90-holdfast-{params['name']}.conf"
    lines = [f"{key} = {_setting(settings[key])}\n" for key in sorted(settings)]
    text = SYSCTL_HEADER % params["name"] + "".join(lines)
    return [File(path=path, content=text.encode(), state="file" if settings else "absent")]


def _faults(catalogue: Catalogue):
    yield from _name_faults(catalogue)
    yield from _path_faults(catalogue)
    yield from _check_faults(catalogue)


def _name_faults(catalogue: Catalogue):
    units = [unit.name for unit in catalogue.units]
    units += [n for x in catalogue.files + catalogue.links for n in x.restart + x.reload]
    accounts = [group.name for group in catalogue.groups]
    accounts += [name for user in catalogue.users for name in _account_names(user)]
    wanted = (
        ("a catalogue name of small letters, digits and underscores", _NAME, [catalogue.name]),
        ("a Debian package name", _PACKAGE, catalogue.packages + catalogue.packages_absent),
        ("an account name", _ACCOUNT, accounts),
        ("a systemd unit name", _UNIT, units),
        ("a kernel setting such as net.core.somaxconn", _SYSCTL, [k for k, _v in catalogue.sysctl]),
    )
    for what, pattern, names in wanted:
        for name in names:
            if not pattern.match(name) or ".." in name:
                yield f"expected {what}, found '{name}'"
    for name in sorted(set(catalogue.packages) & set(catalogue.packages_absent)):
        yield f"package {name} is in packages and in packages_absent; keep one"
    for user in catalogue.users:
        for key in user.authorized_keys or ():
            if "\n" in key.strip() or "PRIVATE KEY" in key:
                yield f"expected one public key an entry in authorized_keys of {user.name}"


def _account_names(user: User) -> list:
    numbers = user.group is None or user.group.isdigit()
    return [user.name, *(user.groups or ()), *([] if numbers else [user.group])]


def _path_faults(catalogue: Catalogue):
    entries = catalogue.directories + catalogue.files + catalogue.links
    seen = set()
    for entry in entries:
        if not entry.path.startswith("/") or entry.path == "/":
            yield f"expected an absolute path below /, found '{entry.path}'"
        if entry.path in seen:
            yield f"{entry.path} is named twice; keep one entry"
        seen.add(entry.path)
    for entry in catalogue.directories + catalogue.files:
        if not isinstance(entry.mode, str) or not _MODE.match(entry.mode):
            yield (
                f"expected the mode of {entry.path} as quoted octal digits such as '0644', "
                f"found {entry.mode!r}"
            )
    for entry in catalogue.directories:
        if entry.state == "absent" and entry.path.count("/") < 2:
            yield f"refusing to remove {entry.path} with all below it; remove it by hand"
    for entry in catalogue.files:
        if entry.validate and not any("%s" in word for word in entry.validate):
            yield f"expected '%s' among the words of validate of {entry.path}"


def _check_faults(catalogue: Catalogue):
    known = {entry.path for entry in catalogue.files + catalogue.links}
    for check in catalogue.checks:
        for path in sorted(set(check.files) - known):
            command = " ".join(check.command)
            yield f"check '{command}' names {path}, which is not among files or links"
