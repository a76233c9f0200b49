"""Steps are taken on real files: whole or not at all, and never forgotten half way."""

import fcntl
import json
import os
from pathlib import Path

import pytest
from ansible_collections.holdfast.ops.plugins.module_utils.system import apply_paths, bring
from ansible_collections.holdfast.ops.plugins.module_utils.system.errors import CatalogueError
from ansible_collections.holdfast.ops.plugins.module_utils.system.report import diffs

from tests.unit.system.conftest import ME, Machine

A, B = "a.service", "b.service"


class PowerCut(BaseException):
    """The machine is gone: nothing catches this."""


def record(machine: Machine) -> dict[str, object] | None:
    path = Path(machine.host.record("probe"))
    return dict(json.loads(path.read_text())) if path.exists() else None


def test_a_second_run_does_nothing_and_writes_nothing(machine: Machine) -> None:
    machine.systemd.add(A)
    wanted = {
        "directories": [{"path": machine.path("d"), "mode": "0750"} | ME],
        "files": [machine.file("d/f", "text\n", mode="0600", restart=[A])],
        "links": [{"path": machine.path("l"), "target": "d/f"}],
        "units": [{"name": A, "enabled": True, "state": "started"}],
    }
    first = machine.bring(**wanted)
    before = machine.tree()
    machine.systemd.log.clear()
    assert first == [
        "directory d create",
        "file d/f create",
        "link l link",
        "unit a.service restart",
    ]
    assert machine.bring(**wanted) == []
    assert machine.tree() == before
    assert machine.systemd.log == []
    assert (machine.root / "l").read_text() == "text\n"
    assert (machine.root / "d/f").stat().st_mode & 0o7777 == 0o600


def test_check_mode_tells_the_same_steps_and_touches_nothing(machine: Machine) -> None:
    machine.systemd.add(A)
    wanted = {"files": [machine.file("f", "new", restart=[A])], "units": [{"name": "new.service"}]}
    before = machine.tree()
    predicted = machine.predict(**wanted)
    assert machine.tree() == before
    assert machine.systemd.log == []
    assert not Path(machine.host.places.records).exists()
    assert predicted == machine.bring(**wanted)


def test_nothing_is_left_beside_the_files(machine: Machine) -> None:
    machine.bring(
        files=[machine.file("f", "x")], links=[{"path": machine.path("l"), "target": "f"}]
    )
    assert sorted(p.name for p in machine.root.iterdir()) == ["f", "l"]
    assert list(Path(machine.host.places.records).iterdir()) == []


def test_a_file_in_place_of_a_link_leaves_what_the_link_named(machine: Machine) -> None:
    (machine.root / "victim").write_text("precious")
    (machine.root / "f").symlink_to(machine.root / "victim")
    machine.bring(files=[machine.file("f", "new")])
    assert (machine.root / "victim").read_text() == "precious"
    assert not (machine.root / "f").is_symlink()


def test_a_refused_file_is_never_put_in_place(machine: Machine) -> None:
    machine.systemd.add(A)
    (machine.root / "f").write_text("good")
    refuse = ["sh", "-c", "echo line 3 of $0 is wrong >&2; exit 9", "%s"]
    with pytest.raises(CatalogueError) as caught:
        machine.bring(files=[machine.file("f", "bad", validate=refuse, restart=[A])])
    assert (machine.root / "f").read_text() == "good"
    assert f"line 3 of {machine.root}/f is wrong" in str(caught.value)
    assert "exit code 9" in str(caught.value)
    assert machine.systemd.log == []


def test_the_validator_sees_the_new_content(machine: Machine) -> None:
    accept = ["grep", "-q", "new", "%s"]
    assert machine.bring(files=[machine.file("f", "new", validate=accept)]) == ["file f create"]


def test_a_validator_that_is_not_there_is_a_refusal(machine: Machine) -> None:
    def gone(command: list[str]) -> None:
        if command[0] == "no-such-checker":
            raise FileNotFoundError(2, "No such file or directory")

    machine.module.before_command = gone
    with pytest.raises(CatalogueError, match="exit code 127"):
        machine.bring(files=[machine.file("f", "x", validate=["no-such-checker", "%s"])])
    assert not (machine.root / "f").exists()


def test_the_words_about_a_secret_file_are_withheld(machine: Machine) -> None:
    refuse = ["sh", "-c", "cat $0; exit 1", "%s"]
    with pytest.raises(CatalogueError) as caught:
        machine.bring(files=[machine.file("f", "hunter2", validate=refuse, no_diff=True)])
    assert "hunter2" not in str(caught.value)


def test_files_that_a_check_refuses_together_go_back(machine: Machine) -> None:
    machine.systemd.add(A)
    (machine.root / "old").write_text("old")
    (machine.root / "old").chmod(0o640)
    (machine.root / "l").symlink_to("old")
    paths = [machine.path(name) for name in ("old", "fresh", "l")]
    with pytest.raises(CatalogueError) as caught:
        machine.bring(
            files=[
                machine.file("old", "new", restart=[A]),
                machine.file("fresh", "x"),
                machine.file("apart", "y"),
            ],
            links=[{"path": paths[2], "target": "fresh"}],
            checks=[{"command": ["sh", "-c", "echo no such upstream; exit 1"], "files": paths}],
        )
    assert "no such upstream" in str(caught.value)
    assert (machine.root / "old").read_text() == "old"
    assert (machine.root / "old").stat().st_mode & 0o7777 == 0o640
    assert not (machine.root / "fresh").exists()
    assert (machine.root / "l").readlink() == Path("old")
    assert (machine.root / "apart").exists(), "a file the check does not speak of stays"
    assert machine.systemd.log == []
    assert record(machine) is None, "what went back owes no restart"


def test_a_check_that_passes_comes_before_the_restart(machine: Machine) -> None:
    machine.systemd.add(A)
    done = machine.bring(
        files=[machine.file("f", "x", restart=[A])],
        checks=[{"command": ["grep", "-q", "x", machine.path("f")], "files": [machine.path("f")]}],
    )
    assert [step.split()[0] for step in done] == ["file", "check", "unit"]


def test_what_is_owed_is_on_disk_before_the_first_file_is_written(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.systemd.add(A)
    seen: list[object] = []
    monkeypatch.setattr(
        apply_paths, "_write", lambda entry, host: seen.append((record(machine), entry.path))
    )
    machine.bring(files=[machine.file("f", "x", restart=[A])])
    owed = {"restart": [A], "reload": [], "checks": False}
    assert seen == [(owed, machine.path("f"))]
    assert record(machine) is None


def test_a_run_that_dies_between_write_and_restart_is_made_good(machine: Machine) -> None:
    machine.systemd.add(A)
    machine.systemd.add(B)
    wanted = {"files": [machine.file("f", "new", restart=[A], reload=[B])]}

    def die(command: list[str]) -> None:
        if command[:2] == ["systemctl", "restart"]:
            raise PowerCut

    machine.module.before_command = die
    with pytest.raises(PowerCut):
        machine.bring(**wanted)
    assert (machine.root / "f").read_text() == "new"
    machine.module.before_command = lambda command: None
    assert machine.predict(**wanted) == ["unit a.service restart", "unit b.service reload"]
    assert machine.bring(**wanted) == ["unit a.service restart", "unit b.service reload"]
    assert [change.why for change in machine.told] == ["owed since an interrupted run"] * 2
    assert machine.systemd.log == ["restart a.service", "reload-or-restart b.service"]
    assert machine.bring(**wanted) == []


def test_a_run_that_dies_before_its_check_is_checked_before_it_restarts(machine: Machine) -> None:
    machine.systemd.add(A)
    wanted = {
        "files": [machine.file("f", "new", restart=[A])],
        "checks": [{"command": ["false"], "files": [machine.path("f")]}],
    }

    def die(command: list[str]) -> None:
        if command == ["false"]:
            raise PowerCut

    machine.module.before_command = die
    with pytest.raises(PowerCut):
        machine.bring(**wanted)
    machine.module.before_command = lambda command: None
    with pytest.raises(CatalogueError, match="put back: none was changed in this run"):
        machine.bring(**wanted)
    assert machine.systemd.log == []
    assert record(machine) is not None


def test_what_a_dead_run_left_staged_is_removed(machine: Machine) -> None:
    records = Path(machine.host.places.records)
    records.mkdir()
    (records / ".staged-secret").write_text("half a secret")
    machine.bring(files=[machine.file("f", "x")])
    assert list(records.iterdir()) == []


def test_a_run_waits_for_another_and_then_says_so(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bring, "_LOCK_SECONDS", 0)
    records = Path(machine.host.places.records)
    records.mkdir()
    descriptor = os.open(records, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with pytest.raises(CatalogueError, match="expected no other run to apply a catalogue"):
        machine.bring(files=[machine.file("f", "x")])
    os.close(descriptor)
    assert machine.bring(files=[machine.file("f", "x")]) == ["file f create"]


def test_a_record_that_cannot_be_read_is_said(machine: Machine) -> None:
    Path(machine.host.places.records).mkdir()
    Path(machine.host.record("probe")).write_text("{")
    with pytest.raises(CatalogueError, match="restart this catalogue's services by hand"):
        machine.bring()


def test_a_unit_that_does_not_stay_up_fails_with_its_last_words(machine: Machine) -> None:
    machine.systemd.add(A, active="inactive")
    machine.systemd.dies.add(A)
    with pytest.raises(CatalogueError) as caught:
        machine.bring(
            files=[machine.file("f", "x", restart=[A])],
            units=[{"name": A, "state": "started"}],
        )
    assert "expected a.service to be active, found failed" in str(caught.value)
    assert "last words" in str(caught.value)
    assert [change.kind for change in machine.told] == ["file"], "what was done is told"
    assert record(machine) is not None, "the restart is still owed"


def test_a_restart_that_systemd_refuses_names_the_unit(machine: Machine) -> None:
    machine.systemd.add(A)
    machine.systemd.add(B)
    machine.systemd.refuses.add(B)
    with pytest.raises(CatalogueError, match=r"expected b.service to be active, found failed"):
        machine.bring(files=[machine.file("f", "x", restart=[A, B])])


def test_a_oneshot_that_is_done_counts_as_up(machine: Machine) -> None:
    machine.systemd.add(A, Type="oneshot", active="inactive")
    machine.module.before_command = lambda command: (
        machine.systemd.units[A].update(ActiveState="inactive") if command[1] == "show" else None
    )
    assert machine.bring(units=[{"name": A, "state": "started"}]) == ["unit a.service start"]


def test_a_socket_is_bound_anew_with_what_it_starts_out_of_the_way(machine: Machine) -> None:
    machine.systemd.add("a.socket", Triggers=A)
    machine.systemd.add(A)
    machine.bring(files=[machine.file("f", "x", restart=["a.socket", A])])
    assert machine.systemd.log == ["stop a.service", "restart a.socket", "start a.service"]


def test_one_systemctl_an_action(machine: Machine) -> None:
    for name in (A, B):
        machine.systemd.add(name, active="inactive", enabled="disabled")
    machine.bring(units=[{"name": n, "enabled": True, "state": "started"} for n in (A, B)])
    assert machine.systemd.log == ["enable a.service b.service", "start a.service b.service"]


def test_packages_come_first_and_nothing_is_done_before(machine: Machine) -> None:
    before = machine.tree()
    wanted = machine.catalogue(packages=["chrony", "nginx"], files=[machine.file("f", "x")])
    outcome = bring.bring(wanted, machine.host, machine.told.append)
    assert (outcome.install, outcome.remove, outcome.changes) == (("nginx",), (), ())
    assert machine.tree() == before


def test_kernel_settings_are_written_and_what_is_refused_is_skipped(machine: Machine) -> None:
    kernel = Path(machine.host.places.kernel)
    (kernel / "net").mkdir()
    (kernel / "net/x").write_text("1\n")
    done = machine.bring(sysctl={"net.x": 2, "net.none": 3})
    assert "sysctl net.x set" in done
    assert "sysctl net.none skip" in done
    assert (kernel / "net/x").read_text() == "2\n"
    assert machine.bring(sysctl={"net.x": 2, "net.none": 3}) == ["sysctl net.none skip"]


def test_a_diff_shows_text_and_hides_secrets_and_binaries(machine: Machine) -> None:
    (machine.root / "s").write_text("old secret")
    machine.bring(
        files=[
            machine.file("t", "text\n"),
            machine.file("s", "new secret", no_diff=True),
            machine.file("b", "\0"),
        ]
    )
    shown = {entry["after_header"].rsplit("/", 1)[1]: entry for entry in diffs(machine.told)}
    assert shown["t (file)"]["after"] == "text\n"
    assert "secret" not in shown["s (file)"]["before"] + shown["s (file)"]["after"]
    assert shown["s (file)"]["before"] != shown["s (file)"]["after"]
    assert "1 bytes, not text" in shown["b (file)"]["after"]


def test_a_directory_goes_with_all_below_it_and_no_link_is_followed(machine: Machine) -> None:
    (machine.root / "d/e").mkdir(parents=True)
    (machine.root / "keep").mkdir()
    (machine.root / "keep/x").write_text("x")
    (machine.root / "d/l").symlink_to(machine.root / "keep")
    machine.bring(directories=[{"path": machine.path("d"), "state": "absent"}])
    assert not (machine.root / "d").exists()
    assert (machine.root / "keep/x").exists()
