"""`holdfast health`: what it runs, what it prints, how it exits."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from holdfast.core.errors import HoldfastError, WrongCallError
from holdfast.health import cli, service

REPORT = {"schema": 1, "healthy": True, "status": "ok", "hosts": [{"host": "a", "status": "ok"}]}


class Bench:
    """Programs that stand in for ansible-playbook and holdfast, and a place for their traces."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def program(self, name: str, body: str) -> None:
        path = self.folder / name
        path.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {self.folder}/{name}.args\n{body}\n')
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def playbook(self, report: dict[str, Any] | None, complaint: str = "", code: int = 0) -> None:
        """An ansible-playbook that writes this report and complains like this."""
        body = f"cat {self.folder}/complaint >&2\nenv > {self.folder}/env\n"
        (self.folder / "complaint").write_text(complaint)
        if report is not None:
            (self.folder / "given.json").write_text(json.dumps(report))
            body += f'cp {self.folder}/given.json "$HOLDFAST_HEALTH_JSON"\n'
        self.program("ansible-playbook", f"{body}exit {code}")

    def args(self, name: str) -> list[str]:
        return (self.folder / f"{name}.args").read_text().splitlines()

    def run(self, *args: str) -> Result:
        return CliRunner().invoke(cli.health, args)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(service, "program", lambda name: str(tmp_path / name))
    made = Bench(tmp_path)
    made.playbook(REPORT)
    return made


@pytest.mark.parametrize(("healthy", "code"), [(True, 0), (False, 1)])
def test_the_exit_code_is_the_reports_verdict_not_ansibles(
    bench: Bench, healthy: bool, code: int
) -> None:
    bench.playbook({**REPORT, "healthy": healthy}, code=4)
    assert bench.run().exit_code == code


def test_json_is_printed_and_written(bench: Bench, tmp_path: Path) -> None:
    output = tmp_path / "out.json"
    done = bench.run("--format", "json", "--output", str(output))
    assert json.loads(done.stdout) == REPORT
    assert json.loads(output.read_text()) == REPORT
    assert [p.name for p in tmp_path.iterdir() if p.name.endswith(".part")] == []


def test_ansible_is_asked_with_inventory_limit_and_our_callback(
    bench: Bench, tmp_path: Path
) -> None:
    folder = tmp_path / "inv"
    folder.mkdir()
    bench.run("-i", str(folder), "-i", "a,b", "-l", "client_acme:!web")
    assert bench.args("ansible-playbook") == [
        "-i",
        str(folder),
        "-i",
        "a,b",
        "--limit=client_acme:!web",
        "playbooks/health.yml",
    ]
    assert "ANSIBLE_STDOUT_CALLBACK=holdfast.ops.health" in (tmp_path / "env").read_text()


def test_a_limit_that_begins_with_a_dash_stays_a_limit(bench: Bench) -> None:
    bench.run("-l", "--list-hosts")
    assert "--limit=--list-hosts" in bench.args("ansible-playbook")


def test_a_relative_inventory_means_the_callers_folder(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hosts.ini").touch()
    monkeypatch.chdir(tmp_path)
    bench.run("-i", "hosts.ini")
    assert bench.args("ansible-playbook")[1] == str(tmp_path / "hosts.ini")


def test_a_lab_is_asked_for_its_inventory(bench: Bench, tmp_path: Path) -> None:
    bench.program("holdfast", f"""echo '{{"inventory": "{tmp_path}"}}'""")
    assert bench.run("--lab", "mine").exit_code == 0
    assert bench.args("holdfast") == ["lab", "status", "--name", "mine", "--format", "json"]
    assert bench.args("ansible-playbook")[:2] == ["-i", str(tmp_path)]


@pytest.mark.parametrize("body", ["echo '{}'", "echo not json", "echo no lab >&2; exit 1"])
def test_a_lab_that_is_not_there_is_told(bench: Bench, body: str) -> None:
    bench.program("holdfast", body)
    error = bench.run("--lab", "mine").exception
    assert isinstance(error, HoldfastError)
    assert "mine" in str(error)


@pytest.mark.parametrize(
    ("report", "complaint"),
    [
        (None, "[ERROR]: --limit leaves us with no hosts to target.\n"),
        ({**REPORT, "hosts": [], "healthy": False}, ""),
    ],
)
def test_a_limit_that_matches_no_host_is_a_wrong_call(
    bench: Bench, report: dict[str, Any] | None, complaint: str
) -> None:
    bench.playbook(report, complaint, 1)
    error = bench.run("-l", "client_nobody").exception
    assert isinstance(error, WrongCallError)
    assert error.exit_code == 2
    assert "'client_nobody'" in str(error)


def test_an_empty_inventory_says_so(bench: Bench) -> None:
    bench.playbook({**REPORT, "hosts": [], "healthy": False})
    error = bench.run("-i", "x,").exception
    assert isinstance(error, WrongCallError)
    assert "x, has no hosts" in str(error)


def test_ansible_that_stops_before_a_report_is_an_error_with_its_words(bench: Bench) -> None:
    bench.playbook(None, "[ERROR]: acme.yml:3: expected a plan\n", 1)
    error = bench.run().exception
    assert isinstance(error, HoldfastError)
    assert error.exit_code == 1
    assert "acme.yml:3: expected a plan" in str(error)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("-i", "/no/such/inventory"), "/no/such/inventory"),
        (("--lab", "x", "-i", "y,"), "either --lab or --inventory"),
    ],
)
def test_wrong_calls_are_refused_before_anything_runs(
    bench: Bench, tmp_path: Path, args: tuple[str, ...], words: str
) -> None:
    error = bench.run(*args).exception
    assert isinstance(error, WrongCallError)
    assert words in str(error)
    assert not (tmp_path / "ansible-playbook.args").exists()


def test_an_output_that_cannot_be_written_is_told(bench: Bench) -> None:
    error = bench.run("--output", "/no/such/folder/x.json").exception
    assert isinstance(error, HoldfastError)
    assert "/no/such/folder/x.json" in str(error)


def test_a_missing_program_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(HoldfastError, match=r"no-such-program.*make setup"):
        service.program("no-such-program")
