"""A catalogue is read as a whole, or refused with everything that is wrong with it."""

import base64
from typing import Any

import pytest
from ansible_collections.holdfast.ops.plugins.module_utils.system.catalogue import unit_name
from ansible_collections.holdfast.ops.plugins.module_utils.system.errors import (
    CatalogueFaultsError,
)

from tests.unit.system.conftest import Machine


@pytest.mark.parametrize(
    ("given", "full"),
    [
        ("nginx", "nginx.service"),
        ("nginx.service", "nginx.service"),
        ("apt-daily.timer", "apt-daily.timer"),
        ("postgresql@15-main", "postgresql@15-main.service"),
        ("app.v2", "app.v2.service"),
    ],
)
def test_a_unit_without_a_type_is_a_service(given: str, full: str) -> None:
    assert unit_name(given) == full


def test_contents_that_travel_apart_win(machine: Machine) -> None:
    entry = {"path": "/etc/x"}
    sent = base64.b64encode(b"\x00binary").decode()
    assert machine.catalogue(files=[entry], contents={"/etc/x": sent}).files[0].content == (
        b"\x00binary"
    )


def test_kernel_settings_make_a_file_too(machine: Machine) -> None:
    catalogue = machine.catalogue(sysctl={"net.b": 2, "net.a": "1\t 2"})
    assert catalogue.files[0].path.endswith("/90-holdfast-probe.conf")
    assert catalogue.files[0].content.decode().splitlines()[1:] == ["net.a = 1 2", "net.b = 2"]


def test_no_kernel_settings_leave_the_file_alone_and_empty_ones_remove_it(
    machine: Machine,
) -> None:
    assert machine.catalogue().files == ()
    assert machine.catalogue(sysctl={}).files[0].state == "absent"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"name": "Web-1"}, "small letters, digits and underscores, found 'Web-1'"),
    ({"packages": ["nginx=1.2"]}, "a Debian package name, found 'nginx=1.2'"),
    ({"packages": ["x1"], "packages_absent": ["x1"]}, "is in packages and in packages_absent"),
    ({"users": [{"name": "-x"}]}, "an account name, found '-x'"),
    ({"users": [{"name": "x", "groups": ["a b"]}]}, "an account name, found 'a b'"),
    ({"users": [{"name": "x", "authorized_keys": ["a\nb"]}]}, "one public key an entry"),
    ({"units": [{"name": "--now"}]}, "a systemd unit name, found '--now.service'"),
    ({"sysctl": {"../../etc/x": 1}}, "a kernel setting"),
    ({"files": [{"path": "etc/x"}]}, "an absolute path below /, found 'etc/x'"),
    ({"files": [{"path": "/x/a"}, {"path": "/x/../x/a"}]}, "/x/a is named twice"),
    ({"files": [{"path": "/x/a", "mode": 420}]}, "quoted octal digits such as '0644', found 420"),
    ({"files": [{"path": "/x/a", "mode": "u+x"}]}, "quoted octal digits"),
    ({"files": [{"path": "/x/a", "validate": ["true"]}]}, "expected '%s' among the words"),
    ({"directories": [{"path": "/srv", "state": "absent"}]}, "refusing to remove /srv"),
    ({"checks": [{"command": ["x", "-t"], "files": ["/a/b"]}]}, "check 'x -t' names /a/b"),
]


@pytest.mark.parametrize(("params", "words"), WRONG, ids=[words for _params, words in WRONG])
def test_what_is_wrong_is_said(machine: Machine, params: dict[str, Any], words: str) -> None:
    with pytest.raises(CatalogueFaultsError) as caught:
        machine.catalogue(**params)
    assert words in str(caught.value)


def test_all_faults_come_at_once(machine: Machine) -> None:
    with pytest.raises(CatalogueFaultsError) as caught:
        machine.catalogue(packages=["A"], files=[{"path": "x"}], units=[{"name": "a b"}])
    assert len(caught.value.faults) == 3
