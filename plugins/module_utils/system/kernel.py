# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Kernel settings, read and written where the kernel has them: no process needed."""

from __future__ import annotations

import errno
import os

from .errors import CatalogueError
from .state import Setting

_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT)


def setting_path(root: str, key: str) -> str:
    """The file of a setting; a key with a slash keeps its dots (net/ipv4/conf/eth0.5/...)."""
    return os.path.join(root, key if "/" in key else key.replace(".", "/"))


def read_setting(root: str, key: str) -> Setting:
    """A setting as the kernel has it, words with one blank between."""
    path = setting_path(root, key)
    try:
        with open(path, encoding="utf-8") as stream:
            value = " ".join(stream.read().split())
    except OSError:
        return Setting()
    return Setting(value, os.access(path, os.W_OK))


def write_setting(root: str, key: str, value: str) -> bool:
    """Set it now; False where this kernel refuses it here.

    Raises:
        CatalogueError: the kernel takes the setting but not this value.
    """
    try:
        with open(setting_path(root, key), "w", encoding="utf-8") as stream:
            stream.write(value + "\n")
    except OSError as error:
        if error.errno in _REFUSED:
            return False
        raise CatalogueError(
            f"expected the kernel to take {key} = {value}, found: {error.strerror}; "
            "correct the value"
        ) from error
    return True
