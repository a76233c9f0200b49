# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Directories, files and links: from state to steps."""

from __future__ import annotations

import os

from .catalogue import Catalogue, Directory, File, Link
from .change import Change
from .state import PathState, State


def path_faults(catalogue: Catalogue, state: State):
    """Paths where something else is in the way that must not be replaced silently."""
    for entry in catalogue.directories:
        found = state.path(entry.path).kind
        if found not in ("absent", "directory"):
            yield _in_the_way(entry.path, "a directory", found)
    for entry in catalogue.files:
        found = state.path(entry.path).kind
        if found in ("directory", "other"):
            yield _in_the_way(entry.path, "a file", found)
    for entry in catalogue.links:
        found = state.path(entry.path).kind
        if found in ("directory", "other") or (found == "file" and not _may_replace(entry)):
            yield _in_the_way(entry.path, "a link", found)


def _may_replace(link: Link) -> bool:
    return link.force or link.state == "absent"


def _in_the_way(path: str, wanted: str, found: str) -> str:
    return f"expected {wanted} at {path}, found a {found}; move it away first"


def plan_paths(catalogue: Catalogue, state: State):
    """Directories from the top down, files, links, and last what shall not be there."""
    coming = set()
    here = sorted((d for d in catalogue.directories if d.state != "absent"), key=lambda d: d.path)
    for directory in here:
        yield from _parents(directory.path, state, coming)
        coming.add(directory.path)
        yield from plan_directory(directory, state)
    for entry in catalogue.files + catalogue.links:
        if entry.state != "absent":
            yield from _parents(entry.path, state, coming)
        yield from plan_file(entry, state) if isinstance(entry, File) else plan_link(entry, state)
    for directory in catalogue.directories:
        if directory.state == "absent":
            yield from plan_directory(directory, state)


def _parents(path: str, state: State, coming: set):
    """Directories above a path that are not there: root's, 0755, the outermost first."""
    missing = []
    parent = os.path.dirname(path)
    while parent not in coming and parent != "/" and state.path(parent).kind == "absent":
        missing.append(parent)
        parent = os.path.dirname(parent)
    for name in reversed(missing):
        coming.add(name)
        why = f"above {path}, not there"
        yield Change("directory", name, "create", why, Directory(name), after="directory 0755\n")


def plan_directory(entry: Directory, state: State):
    """Steps for one directory."""
    current = state.path(entry.path)
    if entry.state == "absent":
        if current.kind == "directory":
            yield Change("directory", entry.path, "remove", "is there", entry, "directory\n", "")
    elif current.kind == "absent":
        after = f"directory {ownership(entry)}\n"
        yield Change("directory", entry.path, "create", "not there", entry, "", after)
    else:
        yield from _attributes("directory", entry, current, state)


def plan_file(entry: File, state: State):
    """Steps for one file."""
    current = state.path(entry.path)
    hidden = entry.no_diff
    if entry.state == "absent":
        if current.kind != "absent":
            before = current.content or b""
            yield Change(
                "file", entry.path, "remove", "is there", entry, before, b"", hidden, current
            )
        return
    if current.kind == "file" and current.content == entry.content:
        yield from _attributes("file", entry, current, state)
        return
    why, action = "content differs", "write"
    if current.kind == "absent":
        why, action = "not there", "create"
    elif current.kind == "link":
        why = f"is a link to {current.target}"
    before = current.content or b""
    yield Change("file", entry.path, action, why, entry, before, entry.content, hidden, current)


def plan_link(entry: Link, state: State):
    """Steps for one symbolic link."""
    current = state.path(entry.path)
    before = f"link to {current.target}\n" if current.kind == "link" else current.kind + "\n"
    if entry.state == "absent":
        if current.kind != "absent":
            yield Change(
                "link", entry.path, "remove", "is there", entry, before, "", False, current
            )
    elif current.kind != "link" or current.target != entry.target:
        why = "not there" if current.kind == "absent" else f"is a {before.strip()}"
        after = f"link to {entry.target}\n"
        yield Change("link", entry.path, "link", why, entry, before, after, False, current)


def ownership(entry) -> str:
    """Owner, group and mode as a diff shows them."""
    return f"{entry.owner}:{entry.group} {entry.mode.rjust(4, '0')}"


def attribute_differences(entry, current: PathState, state: State) -> list:
    """Which of owner, group and mode differ; an account that is yet to come counts as different."""
    wrong = []
    user = state.users.get(entry.owner)
    uid = int(entry.owner) if entry.owner.isdigit() else (user.uid if user else None)
    gid = int(entry.group) if entry.group.isdigit() else state.groups.get(entry.group)
    if uid != current.uid:
        wrong.append("owner")
    if gid != current.gid:
        wrong.append("group")
    if int(entry.mode, 8) != current.mode:
        wrong.append("mode")
    return wrong


def _attributes(kind: str, entry, current: PathState, state: State):
    wrong = attribute_differences(entry, current, state)
    if wrong:
        before = f"{current.uid}:{current.gid} {current.mode:04o}\n"
        after = ownership(entry) + "\n"
        why = f"{' and '.join(wrong)} differ{'s' if len(wrong) == 1 else ''}"
        yield Change(kind, entry.path, "attributes", why, entry, before, after, False, current)
