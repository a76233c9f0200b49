"""What a look at a host means, and how it is started."""

import fcntl
import os
import subprocess
from pathlib import Path

import pytest
from holdfast.lab import locks
from holdfast.lab.cgroups import SystemdUnits
from holdfast.lab.host import Host, decide
from holdfast.lab.models import HostSpec, Lab
from holdfast.lab.paths import LabPaths

MARK = "198.18.1.11 bookworm 4096 "


@pytest.mark.parametrize(
    ("running", "keeper", "seeded_as", "sound", "action", "why"),
    [
        (True, True, MARK, True, "leave", ""),
        (False, False, "", False, "fresh", ""),
        (True, True, "", True, "fresh", "first start"),
        (False, False, MARK, True, "start", "stopped"),
        (True, False, MARK, True, "start", "keeper"),
        (False, False, MARK, False, "fresh", "disk or image"),
        (True, True, "198.18.1.12 bookworm 4096 ", True, "fresh", "declaration"),
        (False, False, "198.18.1.11 trixie 4096 ", True, "fresh", "declaration"),
    ],
)
def test_what_is_done_with_a_host(
    running: bool, keeper: bool, seeded_as: str, sound: bool, action: str, why: str
) -> None:
    plan = decide(running=running, keeper=keeper, seeded_as=seeded_as, wanted=MARK, sound=sound)
    assert plan.action == action
    assert why in plan.why
    assert bool(plan.why) is bool(why)


@pytest.fixture
def host(tmp_path: Path) -> Host:
    spec = HostSpec("web-1", "198.18.1.11")
    lab = Lab("t", "198.18.1.0/24", "hf1", "", (spec,))
    made = Host(lab, spec, LabPaths(tmp_path), SystemdUnits())
    made.folder.mkdir(parents=True)
    return made


def seeded(host: Host, mark: str) -> None:
    (host.folder / "mark").write_text(mark)
    (host.folder / "seeded").touch()


def test_a_host_half_seeded_counts_as_never_seeded(host: Host) -> None:
    (host.folder / "mark").write_text(host.mark())
    assert host.seeded_as() == ""
    assert host.plan().action == "fresh"


def test_a_seeded_host_whose_image_is_gone_is_made_fresh(host: Host) -> None:
    seeded(host, host.mark())
    (host.folder / "image").write_text(f"{host.folder}/gone\n")
    plan = host.plan()
    assert (plan.action, "image" in plan.why) == ("fresh", True)


def test_a_stopped_host_with_its_disk_is_started_again(host: Host) -> None:
    seeded(host, host.mark())
    image = host.folder / "img"
    image.mkdir()
    (host.folder / "image").write_text(f"{image}\n")
    (host.folder / "disk/upper").mkdir(parents=True)
    assert host.plan().action == "start"


def test_a_lock_held_by_anyone_means_running(host: Host) -> None:
    path = host.folder / "lock"
    assert not host.running()
    handle = locks.take(path)
    assert handle is not None
    try:
        assert host.running()
        assert locks.take(path, patience=0) is None
    finally:
        os.close(handle)
    assert not host.running()


def test_looking_at_a_lock_is_not_holding_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not locks.held(path)
    assert not path.exists()
    path.touch()
    looking = os.open(path, os.O_RDONLY)
    fcntl.flock(looking, fcntl.LOCK_SH)
    try:
        assert not locks.held(path)
        assert locks.take(path, patience=0) is None
    finally:
        os.close(looking)
    handle = locks.take(path, patience=0)
    assert handle is not None
    os.close(handle)


def test_a_lock_lives_on_in_the_process_it_was_handed_to(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    handle = locks.take(path)
    assert handle is not None
    child = subprocess.Popen(["sleep", "60"], pass_fds=(handle,))
    os.close(handle)
    try:
        assert locks.held(path)
    finally:
        child.kill()
        child.wait()
    assert not locks.held(path)


def test_a_reused_process_id_is_not_taken_for_the_keeper(host: Host) -> None:
    assert host.keeper() is None
    (host.folder / "pid").write_text(f"{os.getpid()}\n")
    assert host.keeper() is None
    (host.folder / "pid").write_text("not a number\n")
    assert host.keeper() is None


def test_no_host_may_set_the_clock(host: Host) -> None:
    words = host.nspawn()
    assert not [word for word in words if word.startswith(("--capability", "--private-users"))]
    assert "--machine=hf1-11" in words
    assert "--hostname=web-1" in words
    assert "--network-bridge=hf1" in words


def test_the_command_puts_limits_outermost_and_mounts_in_a_namespace(host: Host) -> None:
    words = host.command()
    assert words.index("systemd-run") < words.index("unshare") < words.index("systemd-nspawn")
    assert words[words.index("unshare") + 1] == "--mount"
    assert words[-1].endswith("holdfast-lab-init")


def test_writing_is_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "deep/file"
    locks.write(path, "one", 0o600)
    locks.write(path, "two", 0o644)
    assert path.read_text() == "two"
    assert path.stat().st_mode & 0o777 == 0o644
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


def test_waiting_for_a_lock_is_said_once(tmp_path: Path) -> None:
    said: list[str] = []
    path = tmp_path / "lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT)
    fcntl.flock(handle, fcntl.LOCK_EX)

    def waiting() -> None:
        said.append("waiting")
        os.close(handle)

    with locks.locked(path, waiting):
        assert locks.held(path)
    assert said == ["waiting"]
