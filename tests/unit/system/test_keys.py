"""An account's keys: root writes below its home, and is never led out of it."""

import os
from pathlib import Path

import pytest
from ansible_collections.holdfast.ops.plugins.module_utils.system.errors import CatalogueError
from ansible_collections.holdfast.ops.plugins.module_utils.system.keys import (
    read_keys,
    write_keys,
)

ME = (os.getuid(), os.getgid())


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "home"
    path.mkdir()
    return path


def test_no_home_and_no_file_are_no_keys(home: Path) -> None:
    assert read_keys(str(home / "none")) is None
    assert read_keys(str(home)) is None


def test_keys_are_written_for_the_account_alone(home: Path) -> None:
    write_keys(str(home), *ME, b"key\n")
    assert read_keys(str(home)) == b"key\n"
    assert (home / ".ssh").stat().st_mode & 0o7777 == 0o700
    assert (home / ".ssh/authorized_keys").stat().st_mode & 0o7777 == 0o600
    assert [p.name for p in (home / ".ssh").iterdir()] == ["authorized_keys"]


def test_keys_are_replaced_as_a_whole(home: Path) -> None:
    write_keys(str(home), *ME, b"one\ntwo\n")
    write_keys(str(home), *ME, b"two\n")
    assert read_keys(str(home)) == b"two\n"


def test_a_linked_ssh_directory_is_refused(home: Path, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (home / ".ssh").symlink_to(tmp_path / "etc")
    with pytest.raises(CatalogueError, match="remove what is there"):
        write_keys(str(home), *ME, b"key\n")
    with pytest.raises(CatalogueError):
        read_keys(str(home))
    assert list((tmp_path / "etc").iterdir()) == []


def test_a_linked_home_is_refused(home: Path, tmp_path: Path) -> None:
    (tmp_path / "linked").symlink_to(home)
    with pytest.raises(CatalogueError):
        write_keys(str(tmp_path / "linked"), *ME, b"key\n")
    assert list(home.iterdir()) == []


def test_a_linked_file_is_not_read_and_what_it_names_not_written(
    home: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "shadow"
    secret.write_text("secret")
    (home / ".ssh").mkdir()
    (home / ".ssh/authorized_keys").symlink_to(secret)
    with pytest.raises(CatalogueError):
        read_keys(str(home))
    write_keys(str(home), *ME, b"key\n")
    assert secret.read_text() == "secret"
    assert not (home / ".ssh/authorized_keys").is_symlink()


def test_a_trap_under_the_temporary_name_is_stepped_over(home: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (home / ".ssh").mkdir()
    (home / ".ssh/.authorized_keys.holdfast").symlink_to(victim)
    write_keys(str(home), *ME, b"key\n")
    assert victim.read_text() == "precious"
    assert read_keys(str(home)) == b"key\n"


def test_a_pipe_in_place_of_the_file_does_not_hang(home: Path) -> None:
    (home / ".ssh").mkdir()
    os.mkfifo(home / ".ssh/authorized_keys")
    with pytest.raises(CatalogueError):
        read_keys(str(home))
