"""The register of what labs hold on the machine, and putting it back as it was found."""

import json
from pathlib import Path

import pytest
from holdfast.lab import machine, network, paths
from holdfast.lab.errors import LabError


@pytest.fixture(autouse=True)
def pretended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of our own: register, kernel settings, interfaces; no lxcfs is touched."""
    monkeypatch.setattr(paths, "MACHINE", tmp_path / "run")
    monkeypatch.setattr(network, "interface_addresses", lambda skip="": ["198.18.1.1/24"])
    settings = tmp_path / "sys"
    settings.mkdir()
    for name, value in (("net.ipv4.ip_forward", "0"), ("fs.inotify.max_user_instances", "128")):
        (settings / name).write_text(f"{value}\n")
    monkeypatch.setattr(machine, "setting", lambda name: settings / name)
    monkeypatch.setattr(machine, "start_lxcfs", lambda: False)
    monkeypatch.setattr(machine, "stop_lxcfs", lambda: None)
    return tmp_path


def values(folder: Path) -> list[str]:
    return [(folder / "sys" / name).read_text().strip() for name in machine.SETTINGS]


def test_labs_get_subnets_of_their_own_and_keep_them(tmp_path: Path) -> None:
    first = machine.claim(tmp_path / "a", None)
    second = machine.claim(tmp_path / "b", None)
    assert [first, second] == ["198.18.2.0/24", "198.18.3.0/24"]
    assert machine.claim(tmp_path / "a", None) == first


def test_a_subnet_on_an_interface_of_the_machine_is_never_taken(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"198\.18\.1\.0/24 to be free"):
        machine.claim(tmp_path / "a", "198.18.1.0/24")


def test_a_subnet_of_another_lab_is_refused_where_it_must_be_that_one(tmp_path: Path) -> None:
    machine.claim(tmp_path / "a", "198.18.0.0/24")
    with pytest.raises(LabError, match="another interface or lab"):
        machine.claim(tmp_path / "b", "198.18.0.0/24")


def test_a_preferred_subnet_is_taken_again_or_another(tmp_path: Path) -> None:
    assert machine.claim(tmp_path / "a", None, prefer="198.18.9.0/24") == "198.18.9.0/24"
    assert machine.claim(tmp_path / "b", None, prefer="198.18.9.0/24") == "198.18.2.0/24"


def test_a_lab_whose_folder_is_gone_holds_nothing(tmp_path: Path) -> None:
    given = machine.claim(tmp_path / "a", None)
    (tmp_path / "a").rmdir()
    assert machine.claim(tmp_path / "b", None) == given


def test_the_last_lab_puts_the_settings_back_as_they_were_found(tmp_path: Path) -> None:
    machine.claim(tmp_path / "a", None)
    machine.claim(tmp_path / "b", None)
    assert machine.prepare()
    assert values(tmp_path) == ["1", "1024"]
    assert not machine.prepare()
    assert not machine.release(tmp_path / "a")
    assert values(tmp_path) == ["1", "1024"]
    assert machine.release(tmp_path / "b")
    assert values(tmp_path) == ["0", "128"]
    assert not machine.register_file().exists()


def test_a_setting_that_is_high_enough_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "sys/fs.inotify.max_user_instances").write_text("8192\n")
    machine.claim(tmp_path / "a", None)
    machine.prepare()
    machine.release(tmp_path / "a")
    assert values(tmp_path) == ["0", "8192"]


def test_what_was_saved_before_a_restart_of_the_machine_no_longer_counts(tmp_path: Path) -> None:
    machine.claim(tmp_path / "a", None)
    machine.prepare()
    register = json.loads(machine.register_file().read_text())
    register["boot"] = "another boot"
    machine.register_file().write_text(json.dumps(register))
    found = machine.read_register()
    assert found.saved == {}
    assert list(found.labs) == [str(tmp_path / "a")]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"unknown": 1}'])
def test_a_spoilt_register_is_an_empty_one(text: str) -> None:
    machine.register_file().parent.mkdir(parents=True)
    machine.register_file().write_text(text)
    assert machine.read_register().labs == {}


@pytest.mark.parametrize(
    ("line", "there"),
    [
        ("lxcfs /var/lib/lxcfs fuse.lxcfs rw 0 0", True),
        ("lxcfs /proc/meminfo fuse.lxcfs rw 0 0", False),
        ("tmpfs /var/lib/lxcfs tmpfs rw 0 0", False),
        ("", False),
    ],
)
def test_lxcfs_is_seen_by_its_mount(line: str, there: bool) -> None:
    assert machine.lxcfs_mounted(line) is there
