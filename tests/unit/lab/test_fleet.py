"""Hosts out of declarations and platforms, and a lab's own copy of an inventory."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from holdfast.lab import fleet, inventory
from holdfast.lab.describe import wanted_hosts
from holdfast.lab.errors import LabError
from holdfast.lab.models import HostSpec, Lab, Limits, limits_from, load, save
from holdfast.lab.paths import LabPaths, lab_paths
from hypothesis import given
from hypothesis import strategies as st


def platform_file(folder: Path, data: Any) -> Path:
    path = folder / "platforms.json"
    path.write_text(json.dumps(data))
    return path


def test_the_declared_lab_has_its_four_hosts_and_their_url_s_names() -> None:
    hosts = {host.name: host for host in fleet.declared(fleet.default_inventory())}
    assert {"ops1", "acme-db1", "acme-web1", "globex-1"} <= set(hosts)
    assert hosts["acme-web1"].address == "198.18.0.12"
    assert hosts["acme-web1"].names == ("shop.acme.example",)
    assert hosts["ops1"].names == ()


def test_faulty_declarations_are_shown_and_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"plans\.yml"):
        fleet.declared(tmp_path)


def test_platforms_are_numbered_in_order_with_their_limits(tmp_path: Path) -> None:
    data = [{"name": "a"}, {"name": "b", "release": "trixie", "memory_mib": 512, "cpus": 1}]
    one, two = fleet.platforms(platform_file(tmp_path, data))
    assert (one.address, one.release, one.limits) == ("198.18.0.11", "bookworm", Limits())
    assert (two.address, two.release) == ("198.18.0.12", "trixie")
    assert two.limits == Limits(memory_mib=512, cpus=1.0)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([], "1 to 200"),
        ({}, "1 to 200"),
        ([{"name": "a"}, {"name": "a"}], "each name once"),
        ([{"name": "A b"}], "small letters"),
        ([{"name": "a/../b"}], "small letters"),
        ([{"release": "bookworm"}], "small letters"),
        ([{"name": "a", "memory": 5}], "found memory"),
        ([{"name": "a", "release": "jessie"}], "bookworm, trixie"),
        ([{"name": "a", "memory_mib": -1}], "above 0 for memory_mib"),
        ([{"name": "a", "pids": "many"}], "above 0 for pids"),
        ([{"name": "a", "disk_mib": True}], "above 0 for disk_mib"),
        (["a"], "expected a mapping"),
    ],
)
def test_platforms_that_cannot_be(tmp_path: Path, data: Any, words: str) -> None:
    with pytest.raises(LabError, match=words):
        fleet.platforms(platform_file(tmp_path, data))


def test_limits_of_a_host_stand_over_the_defaults() -> None:
    base = limits_from({"memory_mib": 512}, "x")
    assert limits_from({"cpus": 1}, "x", base) == Limits(memory_mib=512, cpus=1.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hosts: {a: {memory: 1}}", "found memory"),
        ("host: {}", "found host"),
        ("hosts: [a]", "host names"),
        ("- 1", "mapping"),
        ("a: [", "expected YAML"),
    ],
)
def test_faults_of_lab_yml_name_the_file(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "lab.yml").write_text(text)
    with pytest.raises(LabError, match=words) as error:
        fleet.load_settings(tmp_path)
    assert "lab.yml" in str(error.value)


@given(octet=st.integers(0, 255))
def test_an_address_moves_and_nothing_else(octet: int) -> None:
    text = f"a: 198.18.0.{octet}\nb: 10.198.18.0.{octet}\nc: '198.18.0.{octet}.9' 198.18.10.{octet}"
    moved = inventory.rebase_text(text, "198.18.0.0/24", "198.18.7.0/24")
    assert moved == text.replace(f"a: 198.18.0.{octet}\n", f"a: 198.18.7.{octet}\n")


def source(folder: Path) -> Path:
    (folder / "clients").mkdir(parents=True)
    (folder / "group_vars").mkdir()
    (folder / "clients/acme.yml").write_text("address: 198.18.0.11 # of acme\n")
    (folder / "group_vars/all.yml").write_text("ansible_user: other\nkept: 'yes'\n")
    (folder / "clients/.acme.yml.swp").write_text("rubbish")
    return folder


def test_the_copy_has_the_lab_s_addresses_key_and_host_keys(tmp_path: Path) -> None:
    paths = LabPaths(tmp_path / "lab")
    origin = source(tmp_path / "inv")
    assert inventory.copy(origin, paths, "198.18.0.0/24", "198.18.4.0/24")
    text = (paths.inventory / "clients/acme.yml").read_text()
    assert text == "address: 198.18.4.11 # of acme\n"
    everyone = yaml.safe_load((paths.inventory / "group_vars/all.yml").read_text())
    assert everyone["kept"] == "yes"
    assert everyone["ansible_user"] == "root"
    assert everyone["ansible_ssh_private_key_file"] == str(paths.key)
    assert f"UserKnownHostsFile={paths.known_hosts}" in everyone["ansible_ssh_common_args"]
    assert "StrictHostKeyChecking=yes" in everyone["ansible_ssh_common_args"]
    assert not (paths.inventory / "clients/.acme.yml.swp").exists()


def test_copying_again_changes_nothing_and_follows_what_is_removed(tmp_path: Path) -> None:
    paths = LabPaths(tmp_path / "lab")
    origin = source(tmp_path / "inv")
    inventory.copy(origin, paths, "198.18.0.0/24", "198.18.4.0/24")
    assert not inventory.copy(origin, paths, "198.18.0.0/24", "198.18.4.0/24")
    (origin / "clients/acme.yml").unlink()
    assert inventory.copy(origin, paths, "198.18.0.0/24", "198.18.4.0/24")
    assert not (paths.inventory / "clients").exists()


def test_a_lab_is_read_back_as_it_was_saved(tmp_path: Path) -> None:
    spec = HostSpec("a", "198.18.1.11", "trixie", ("x.example",), Limits(cpus=0.5))
    lab = Lab("t", "198.18.1.0/24", "hf1", "/inv", (spec,), "/src")
    path = tmp_path / "lab.json"
    assert load(path) is None
    save(path, lab)
    assert load(path) == lab
    stamp = path.stat().st_ino
    save(path, lab)
    assert path.stat().st_ino == stamp
    path.write_text("{")
    with pytest.raises(LabError, match="expected the record of a lab"):
        load(path)


def test_a_lab_of_platforms_stays_one_when_up_is_said_again() -> None:
    spec = HostSpec("a", "198.18.1.11")
    before = Lab("t", "198.18.1.0/24", "hf1", "", (spec,))
    assert wanted_hosts(None, None, before) == ((spec,), None)


@pytest.mark.parametrize("name", ["", "Lab", "a b", "../x", "1a", "x" * 60])
def test_names_a_lab_cannot_have(name: str) -> None:
    with pytest.raises(LabError, match="expected a lab name"):
        lab_paths(name)


@pytest.mark.parametrize("name", ["lab", "mol-monitoring_agent-123", "e2e-1"])
def test_names_a_lab_can_have(name: str) -> None:
    assert lab_paths(name).root.name == name
