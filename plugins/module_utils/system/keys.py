# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An account's authorized_keys, read and written without ever following the account's links.

The home belongs to the account, so root must not trust a name in it: each step opens the
next relative to the last (dir_fd) and refuses a symbolic link.
"""

from __future__ import annotations

import contextlib
import os
import stat

from .errors import CatalogueError

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NAME = "authorized_keys"
_FRESH = ".authorized_keys.holdfast"


def read_keys(home: str):
    """The file's content, or None where there is none (or no home).

    Raises:
        CatalogueError: the home, .ssh or the file is a link or something else.
    """
    try:
        with _opened(home) as at_home, _opened(".ssh", at_home) as at_ssh:
            return _read(at_ssh)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _refused(home, error) from error


def write_keys(home: str, uid: int, gid: int, content: bytes) -> None:
    """Replace the file as a whole; .ssh is made (0700) where it is not there.

    Raises:
        CatalogueError: the home, .ssh or the file is a link or something else.
    """
    try:
        with _opened(home) as at_home:
            with contextlib.suppress(FileExistsError):
                os.mkdir(".ssh", 0o700, dir_fd=at_home)
                os.chown(".ssh", uid, gid, dir_fd=at_home, follow_symlinks=False)
            with _opened(".ssh", at_home) as at_ssh:
                _replace(at_ssh, uid, gid, content)
    except OSError as error:
        raise _refused(home, error) from error


@contextlib.contextmanager
def _opened(path: str, parent=None):
    """A directory's descriptor; OSError (ENOTDIR, ELOOP) for a link."""
    descriptor = os.open(path, _DIRECTORY, dir_fd=parent)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _read(at_ssh: int) -> bytes:
    descriptor = os.open(_NAME, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=at_ssh)
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError("authorized_keys is no file")
        return stream.read()


def _replace(at_ssh: int, uid: int, gid: int, content: bytes) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(_FRESH, dir_fd=at_ssh)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    descriptor = os.open(_FRESH, flags, 0o600, dir_fd=at_ssh)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fchown(descriptor, uid, gid)
        os.fchmod(descriptor, 0o600)
        os.fsync(descriptor)
    os.rename(_FRESH, _NAME, src_dir_fd=at_ssh, dst_dir_fd=at_ssh)


def _refused(home: str, error: OSError) -> CatalogueError:
    return CatalogueError(
        f"expected {home}/.ssh/{_NAME} below real directories, found a link or something else "
        f"({error.strerror or error}); remove what is there"
    )
