# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The host as the catalogue's steps touch it; AnsibleModule does the touching."""

from __future__ import annotations

import os
import tempfile
from typing import Any, NamedTuple

from .errors import CatalogueError, CommandError

_STAGED = ".staged-"


class Places(NamedTuple):
    """Where things are on the host; tests put them elsewhere."""

    records: str = "/var/lib/holdfast/catalogue"
    dpkg_status: str = "/var/lib/dpkg/status"
    kernel: str = "/proc/sys"
    sysctl: str = "/etc/sysctl.d"


class Host(NamedTuple):
    """module offers run_command, atomic_move and set_fs_attributes_if_different."""

    module: Any
    places: Places = Places()
    pause: float = 0.5  # seconds: a service that dies at its start has died by then
    patience: float = 15.0  # seconds for a service to come up

    def record(self, name: str) -> str:
        """The path of a catalogue's record of owed restarts."""
        return os.path.join(self.places.records, name + ".json")

    def run(self, command: list) -> str:
        """A command's output.

        Raises:
            CommandError: it cannot be started or ends with an error.
        """
        code, output, error = self.attempt(command)
        if code != 0:
            said = (error.strip() or output.strip() or "nothing said")[-2000:]
            raise CommandError(
                f"expected '{' '.join(command)}' to succeed, found exit code {code}: {said}"
            )
        return output

    def attempt(self, command: list) -> tuple:
        """(exit code, output, error output) of a command; 127 where it is not there."""
        try:
            return self.module.run_command(list(command), handle_exceptions=False)
        except OSError as error:
            return 127, "", error.strerror or str(error)

    def stage(self, content: bytes) -> str:
        """A file of root's alone with this content, on disk, for validators and for install."""
        descriptor, path = tempfile.mkstemp(prefix=_STAGED, dir=self.places.records)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        return path

    def clear_stage(self) -> None:
        """Remove what a run that died left staged; only under the lock."""
        for name in os.listdir(self.places.records):
            if name.startswith(_STAGED):
                os.unlink(os.path.join(self.places.records, name))

    def install(self, staged: str, path: str, owner: str, group: str, mode: str) -> None:
        """Put a staged file in its place at once, never more open than it shall be."""
        self.attributes(staged, owner, group, mode)
        umask = os.umask(0o077)
        try:
            self.module.atomic_move(staged, path, keep_dest_attrs=False)
        finally:
            os.umask(umask)
        self.attributes(path, owner, group, mode)

    def attributes(self, path: str, owner: str, group: str, mode: str) -> None:
        """Give a path its owner, group and mode."""
        wanted = {"path": path, "owner": owner, "group": group, "mode": mode}
        wanted.update(secontext=[None, None, None], attributes=None)
        self.module.set_fs_attributes_if_different(wanted, changed=False)

    def prepare_records(self) -> None:
        """The directory of the records, root's alone."""
        try:
            os.makedirs(self.places.records, mode=0o700, exist_ok=True)
        except OSError as error:
            raise CatalogueError(
                f"expected to write in {self.places.records}, found: {error.strerror}"
            ) from error
