"""What the host says, read: dpkg's status, systemctl's blocks, the kernel's files, paths."""

import errno
from pathlib import Path

import pytest
from ansible_collections.holdfast.ops.plugins.module_utils.system import kernel
from ansible_collections.holdfast.ops.plugins.module_utils.system.dpkg import installed
from ansible_collections.holdfast.ops.plugins.module_utils.system.errors import CatalogueError
from ansible_collections.holdfast.ops.plugins.module_utils.system.kernel import (
    read_setting,
    setting_path,
    write_setting,
)
from ansible_collections.holdfast.ops.plugins.module_utils.system.observe import observe_path
from ansible_collections.holdfast.ops.plugins.module_utils.system.systemctl import (
    parse_show,
    show_command,
)

STATUS = b"""Package: libc6
Status: install ok installed
Architecture: i386

Package: nginx
Status: deinstall ok config-files
Architecture: amd64

Package: half
Status: install ok half-configured

Package: twice
Status: deinstall ok config-files
Architecture: i386

Package: twice
Status: install ok installed
Architecture: amd64

Package: held
Status: hold ok installed

Package: exim4
Status: install ok installed
Description: a mailer
 Package: nginx
Provides: default-mta, mail-transport-agent (= 1)

Package: gone-mta
Status: deinstall ok config-files
Provides: old-agent
"""


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("libc6", True),  # the first stanza
        ("nginx", False),  # only its configuration is left; a description's line is no stanza
        ("half", False),  # apt has to finish it
        ("twice", True),  # one architecture is enough
        ("held", True),
        ("lib", False),  # a part of a name is no name
        ("exim", False),
        ("mail-transport-agent", True),  # provided
        ("mail-transport", False),
        ("old-agent", False),  # provided by what is gone
    ],
)
def test_installed_packages(name: str, there: bool) -> None:
    assert (name in installed(STATUS, (name,))) is there


def test_the_last_stanza_needs_no_blank_line_after_it() -> None:
    assert installed(b"Package: a1\nStatus: install ok installed\n", ("a1",)) == {"a1"}


SHOW = """Type=forking
Result=success
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled
ConditionResult=yes
NeedDaemonReload=yes

LoadState=not-found
ActiveState=inactive
SubState=dead

LoadState=loaded
ActiveState=inactive
SubState=dead
UnitFileState=static
ConditionResult=no
Triggers=a.service b.service
"""


def test_units_are_read_in_their_order() -> None:
    units = parse_show(SHOW, ["a.service", "none.service", "c.socket"])
    assert units["a.service"].running
    assert units["a.service"].needs_reload
    assert units["none.service"].load == "not-found"
    assert not units["none.service"].running
    assert units["c.socket"].triggers == ("a.service", "b.service")
    assert units["c.socket"].condition is False


def test_units_are_asked_for_in_one_command() -> None:
    assert show_command(["a.service", "b.timer"])[-3:] == ["--", "a.service", "b.timer"]


def test_a_key_with_a_slash_keeps_its_dots() -> None:
    assert setting_path("/proc/sys", "net.core.somaxconn") == "/proc/sys/net/core/somaxconn"
    assert setting_path("/p", "net/ipv4/conf/eth0.5/forwarding").endswith("eth0.5/forwarding")


def test_settings_are_compared_by_their_words(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("4096\t131072  6291456\n")
    assert read_setting(str(tmp_path), "x").value == "4096 131072 6291456"
    assert read_setting(str(tmp_path), "none").value is None


@pytest.mark.parametrize("code", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_a_refused_setting_is_no_failure(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise OSError(code, "refused")

    monkeypatch.setattr(kernel, "open", refuse, raising=False)
    assert write_setting("/proc/sys", "kernel.panic", "1") is False


def test_a_wrong_value_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(kernel, "open", refuse, raising=False)
    with pytest.raises(CatalogueError, match=r"kernel.panic = many, found: Invalid argument"):
        write_setting("/proc/sys", "kernel.panic", "many")


def test_paths_are_seen_for_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("12345")
    (tmp_path / "l").symlink_to("f")
    assert observe_path(str(tmp_path / "none")).kind == "absent"
    assert observe_path(str(tmp_path / "f/below")).kind == "absent"
    assert observe_path(str(tmp_path)).kind == "directory"
    assert (observe_path(str(tmp_path / "l")).kind, observe_path(str(tmp_path / "l")).target) == (
        "link",
        "f",
    )
    assert observe_path(str(tmp_path / "f"), 5).content == b"12345"
    assert observe_path(str(tmp_path / "f")).content is None, "not asked for"
