"""What is laid over the image, SSH settings, and the image's recipe."""

from pathlib import Path

import pytest
from holdfast.lab import checks, image, keys, seed
from holdfast.lab.errors import LabError, MissingError
from holdfast.lab.models import HostSpec, Lab
from holdfast.lab.paths import LabPaths
from holdfast.lab.sources import Mirrors

WEB = HostSpec("web-1", "198.18.3.11")
DB = HostSpec("db-1", "198.18.3.12")
LAB = Lab("t", "198.18.3.0/24", "hf3", "", (WEB, DB))


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_tree_has_the_modes_asked_for_whatever_the_umask(tmp_path: Path) -> None:
    tree = seed.Tree(tmp_path / "seed")
    tree.folder("root/.ssh", 0o700)
    tree.file("root/.ssh/authorized_keys", "key", 0o600)
    tree.file("etc/deep/er/file", "text")
    assert mode(tree.root / "root/.ssh") == 0o700
    assert mode(tree.root / "root/.ssh/authorized_keys") == 0o600
    assert mode(tree.root / "etc/deep/er") == 0o755
    assert mode(tree.root / "etc/deep/er/file") == 0o644


def test_a_tree_starts_empty_every_time(tmp_path: Path) -> None:
    seed.Tree(tmp_path / "seed").file("old", "x")
    assert list(seed.Tree(tmp_path / "seed").root.iterdir()) == []


@pytest.mark.parametrize(
    ("own", "resolved", "expected"),
    [
        ("nameserver 10.0.0.1\n", "nameserver 9.9.9.9\n", "nameserver 10.0.0.1\n"),
        ("nameserver 127.0.0.53\n", "nameserver 9.9.9.9\n", "nameserver 9.9.9.9\n"),
        ("nameserver 127.0.0.1\n", "", "nameserver 127.0.0.1\n"),
    ],
)
def test_a_resolver_on_loopback_is_out_of_a_host_s_reach(
    own: str, resolved: str, expected: str
) -> None:
    assert seed.resolv_conf(own, resolved) == expected


def test_the_network_file_gives_the_address_and_the_way_out() -> None:
    text = seed.network_unit("198.18.3.11", "198.18.3.1")
    assert "Address=198.18.3.11/24" in text
    assert "Gateway=198.18.3.1" in text


def test_every_host_is_pinned_by_name_and_address() -> None:
    text = keys.known_hosts(LAB, {"web-1": "ssh-ed25519 AAAA", "db-1": "ssh-ed25519 BBBB"})
    assert text == ("web-1,198.18.3.11 ssh-ed25519 AAAA\ndb-1,198.18.3.12 ssh-ed25519 BBBB\n")


def test_ssh_config_checks_host_keys_and_gives_up_in_time(tmp_path: Path) -> None:
    text = keys.ssh_config(LAB, LabPaths(tmp_path))
    assert "Host web-1\n  HostName 198.18.3.11\n" in text
    for line in (
        "StrictHostKeyChecking yes",
        f"UserKnownHostsFile {tmp_path}/known_hosts",
        "ServerAliveInterval 5",
        "ServerAliveCountMax 3",
        "ConnectTimeout 10",
    ):
        assert line in text
    assert "Host web-1 db-1 198.18.3.*" in text


def test_keys_are_made_once_and_a_half_made_pair_again(tmp_path: Path) -> None:
    keys.pin(LAB, LabPaths(tmp_path))
    known = (tmp_path / "known_hosts").read_text()
    keys.pin(LAB, LabPaths(tmp_path))
    assert (tmp_path / "known_hosts").read_text() == known
    (tmp_path / "hosts/web-1/ssh_host_ed25519_key.pub").unlink()
    keys.pin(LAB, LabPaths(tmp_path))
    changed = (tmp_path / "known_hosts").read_text().splitlines()
    assert changed[0] != known.splitlines()[0]
    assert changed[1] == known.splitlines()[1]
    assert mode(tmp_path / "hosts/web-1/ssh_host_ed25519_key") == 0o600


def test_an_image_is_named_by_its_recipe() -> None:
    plain = image.recipe("bookworm")
    assert plain.name == image.recipe("bookworm").name
    more = image.Recipe("bookworm", (*plain.packages, "jq"))
    assert len({plain.name, more.name, image.recipe("trixie").name}) == 3
    assert plain.name.startswith("bookworm-")


def test_an_unknown_release_is_refused() -> None:
    with pytest.raises(LabError, match="bookworm, trixie"):
        image.recipe("jessie")


def test_the_image_comes_from_this_machine_s_mirrors_and_keeps_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tmp_path / "key.gpg"
    key.touch()
    mirrors = Mirrors("http://m.example/debian", "http://m.example/sec", (str(key), "/gone.gpg"))
    monkeypatch.setattr(image, "read_sources", list)
    monkeypatch.setattr(image, "choose_mirrors", lambda _sources: mirrors)
    monkeypatch.setattr(image, "run", lambda _command: 'Acquire::http::Proxy "http://p:1";\n')
    store = tmp_path / "kept here"
    words = image.command(image.recipe("trixie"), tmp_path / "root", store)
    assert words[-5:] == ["trixie", str(tmp_path / "root"), *mirrors.lines("trixie")]
    assert f"--keyring={key}" in words
    assert "--keyring=/gone.gpg" not in words
    assert '--aptopt=Acquire::http::Proxy "http://p:1";' in words
    assert any(f"sync-in '{store}'" in word for word in words)
    assert words[: words.index("mmdebstrap")][-1] == "--"


def test_too_little_room_says_how_much_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=r"expected \d+ MiB free"):
        image.require_space(tmp_path, 10**9)


def test_everything_missing_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks.os, "geteuid", lambda: 0)
    there = {"systemd-nspawn", "lxcfs"}
    monkeypatch.setattr(checks.shutil, "which", lambda name: None if name in there else "/x")
    with pytest.raises(MissingError) as error:
        checks.preconditions()
    text = str(error.value)
    assert "systemd-nspawn (package systemd-container), lxcfs (package lxcfs)" in text
    assert text.endswith("run `make setup`")
    assert "\n" not in text


def test_another_user_than_root_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks.os, "geteuid", lambda: 1000)
    with pytest.raises(MissingError, match="expected root"):
        checks.preconditions()


def test_apt_does_not_take_the_image_s_empty_lists_for_fresh(tmp_path: Path) -> None:
    lists = tmp_path / "var/lib/apt/lists"
    lists.mkdir(parents=True)
    image.age_lists(tmp_path)
    assert lists.stat().st_mtime < 1_600_000_000
