# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Puts directories, files and links in place, each at once; a refused file is never seen."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile

from .catalogue import File
from .change import Change
from .errors import CatalogueError
from .host import Host


def apply_path(change: Change, host: Host) -> None:
    """Take one step on a directory, file or link.

    Raises:
        CatalogueError: the file's own checker refuses it, or the host does; the old one stays.
    """
    entry = change.entry
    try:
        if change.action == "remove":
            _remove(change)
        elif change.action == "attributes":
            host.attributes(entry.path, entry.owner, entry.group, entry.mode)
        elif change.kind == "directory":
            _make_directory(change, host)
        elif change.kind == "link":
            make_link(entry.target, entry.path)
        else:
            _write(entry, host)
    except OSError as error:
        raise CatalogueError(
            f"expected to {change.action} {change.name}, found: {error}"
        ) from error


def _make_directory(change: Change, host: Host) -> None:
    entry = change.entry
    # Closed until it has its owner: its content may be nobody else's business.
    with contextlib.suppress(FileExistsError):
        os.mkdir(entry.path, 0o700)
    host.attributes(entry.path, entry.owner, entry.group, entry.mode)


def _write(entry: File, host: Host) -> None:
    staged = host.stage(entry.content)
    try:
        _validate(entry, staged, host)
        host.install(staged, entry.path, entry.owner, entry.group, entry.mode)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(staged)


def _validate(entry: File, staged: str, host: Host) -> None:
    if not entry.validate:
        return
    command = [word.replace("%s", staged) for word in entry.validate]
    code, output, error = host.attempt(command)
    if code == 0:
        return
    said = (error.strip() + "\n" + output.strip()).strip()[-2000:].replace(staged, entry.path)
    if entry.no_diff:
        said = "(its words are withheld: the file is marked no_diff)"
    raise CatalogueError(
        f"expected '{' '.join(entry.validate)}' to accept the new {entry.path}, found exit code "
        f"{code}; the old file stays: {said}"
    )


def make_link(target: str, path: str) -> None:
    """A link in the place of whatever file or link was there, without a moment in between."""
    folder = tempfile.mkdtemp(prefix=".holdfast-", dir=os.path.dirname(path))
    try:
        fresh = os.path.join(folder, "link")
        os.symlink(target, fresh)
        os.rename(fresh, path)
    finally:
        shutil.rmtree(folder)


def _remove(change: Change) -> None:
    if change.kind == "directory":
        shutil.rmtree(change.name)
        return
    with contextlib.suppress(FileNotFoundError):
        os.unlink(change.name)
