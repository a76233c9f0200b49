# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs the checks over groups of files, and puts the files back where a check refuses them."""

from __future__ import annotations

import contextlib
import os

from .apply_paths import make_link
from .catalogue import Catalogue
from .errors import CatalogueError
from .host import Host
from .observe import observe_path
from .state import PathState


def snapshots(catalogue: Catalogue, paths: list) -> dict:
    """{path: PathState with content} of the files about to change that a check speaks of."""
    covered = {path for check in catalogue.checks for path in check.files}
    return {
        change.name: observe_path(change.name, whole=True)
        for change in paths
        if change.name in covered
    }


def apply_checks(checks: list, before: dict, host: Host, forget):
    """Run each check; yields it when it passes.

    forget(paths) is told which files were put back before the failure is raised.

    Raises:
        CatalogueError: a check refuses the new files; the old ones are back in place.
    """
    for change in checks:
        code, output, error = host.attempt(change.entry.command)
        if code == 0:
            yield change
            continue
        undone = [path for path in change.entry.files if path in before]
        for path in undone:
            restore(path, before[path], host)
        forget(undone)
        said = (error.strip() + "\n" + output.strip()).strip()[-2000:]
        back = ", ".join(undone) or "none was changed in this run"
        raise CatalogueError(
            f"expected '{change.name}' to accept the new files, found exit code {code}; "
            f"put back: {back}; it said: {said}"
        )


def restore(path: str, was: PathState, host: Host) -> None:
    """Make a path what it was."""
    if was.kind == "file":
        staged = host.stage(was.content or b"")
        host.install(staged, path, str(was.uid), str(was.gid), f"{was.mode:04o}")
    elif was.kind == "link":
        make_link(was.target or "", path)
    else:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
