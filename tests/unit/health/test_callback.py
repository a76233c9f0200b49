"""The callback, fed with what Ansible hands over."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.inventory.group import Group
from ansible.inventory.host import Host
from ansible_collections.holdfast.ops.plugins.callback import health

from tests.unit.health.recorded import load

ROOT = Path(__file__).resolve().parents[3]
CHECKS = load("checks")


class Screen:
    """Stands in for Ansible's display and keeps what it is told."""

    verbosity = 0

    def __init__(self) -> None:
        self.lines: list[tuple[str, Any]] = []
        self.errors: list[str] = []

    def display(self, text: str, color: Any = None) -> None:
        self.lines.append((text, color))

    def error(self, text: str) -> None:
        self.errors.append(text)


def host(name: str, client: str | None = None) -> Host:
    """A host in a client's group and an instance's, as the inventory makes them."""
    made = Host(name)
    if client:
        outer, inner = Group(f"client_{client}"), Group(f"instance_{client}_production")
        outer.set_variable("holdfast_client", client)
        inner.set_variable("holdfast_instance_name", "production")
        outer.add_child_group(inner)
        inner.add_host(made)
    return made


def result(of: Host, **data: Any) -> Any:
    return SimpleNamespace(host=of, result=data, task=None)


@pytest.fixture
def callback(tmp_path: Path) -> Any:
    plugin = health.CallbackModule(display=Screen())
    plugin._plugin_options = {"json_path": str(tmp_path / "report.json")}
    return plugin


def finished(callback: Any) -> dict[str, Any]:
    callback.v2_playbook_on_stats(None)
    return dict(json.loads(Path(callback.get_option("json_path")).read_text()))


def test_every_host_is_told_however_it_ended(callback: Any) -> None:
    web, db, gone, odd = host("web", "acme"), host("db", "acme"), host("gone"), host("odd")
    for one in (web, db, gone, odd):
        callback.v2_runner_on_start(one, None)
    callback.v2_runner_on_ok(result(db, health_check=CHECKS["acme-db1"]))
    callback.v2_runner_on_failed(result(web, health_check=CHECKS["acme-web1"], msg="fail ..."))
    callback.v2_runner_on_unreachable(result(gone, msg=load("unreachable")[0]["message"]))
    whole = finished(callback)
    assert {e["host"]: (e["status"], e["client"]) for e in whole["hosts"]} == {
        "gone": ("unreachable", None),
        "odd": ("error", None),
        "web": ("fail", "acme"),
        "db": ("ok", "acme"),
    }
    assert [e["why"] for e in whole["hosts"] if e["host"] == "odd"] == ["the check gave no result"]
    shown = "\n".join(text for text, _colour in callback._display.lines)
    assert "UNREACHABLE" in shown
    assert "host key" in shown
    assert "acme/production" in shown


def test_a_check_that_could_not_run_is_an_error_with_its_message(callback: Any) -> None:
    callback.v2_runner_on_failed(result(host("h"), msg="Missing sudo password"))
    (entry,) = finished(callback)["hosts"]
    assert (entry["status"], entry["why"]) == ("error", "Missing sudo password")


def test_other_tasks_that_work_add_no_host(callback: Any) -> None:
    callback.v2_runner_on_ok(result(host("h"), ping="pong"))
    callback.v2_runner_on_failed(result(host("h"), msg="no matter"), ignore_errors=True)
    assert finished(callback)["hosts"] == []


def test_hosts_that_are_not_well_are_shown_as_they_are_found(callback: Any) -> None:
    callback.v2_runner_on_ok(result(host("db"), health_check=CHECKS["acme-db1"]))
    callback.v2_runner_on_failed(result(host("web"), health_check=CHECKS["acme-web1"]))
    assert [text for text, _colour in callback._display.lines] == ["2 checked: web fail"]


def test_no_host_at_all_is_said(callback: Any) -> None:
    callback.v2_playbook_on_no_hosts_matched()
    assert "no host matches" in callback._display.lines[0][0]
    assert finished(callback)["healthy"] is False


def test_a_report_that_cannot_be_written_is_an_error_in_words(callback: Any) -> None:
    callback._plugin_options["json_path"] = "/no/such/folder/report.json"
    callback.v2_playbook_on_stats(None)
    assert "cannot be written to /no/such/folder/report.json" in callback._display.errors[0]


def test_without_a_path_nothing_is_written(callback: Any, tmp_path: Path) -> None:
    callback._plugin_options["json_path"] = None
    callback.v2_playbook_on_stats(None)
    assert list(tmp_path.iterdir()) == []


def test_the_playbook_runs_with_the_callback_and_fails_a_host_that_fails(tmp_path: Path) -> None:
    services = [{"name": "backend", "unit": "no-such-unit-here.service"}]
    local = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "ansible_become": False,
        "holdfast_health_host_checks": ["reboot"],
        "holdfast_client": "{{ acme }}",
    }
    hosts = {"well": {**local, "holdfast_services": []}, "ill": {**local, "holdfast_services": []}}
    hosts["ill"]["holdfast_services"] = [*services, {"name": "proxy", "scheme": "tcp", "port": 1}]
    inventory = tmp_path / "hosts.yml"
    inventory.write_text(json.dumps({"all": {"hosts": hosts}}))
    report = tmp_path / "report.json"
    own = {"ANSIBLE_STDOUT_CALLBACK": "holdfast.ops.health", "HOLDFAST_HEALTH_JSON": str(report)}
    beside = Path(sys.executable).parent / "ansible-playbook"
    done = subprocess.run(
        [beside, "-i", inventory, "playbooks/health.yml"],
        cwd=ROOT,
        env={**os.environ, **own},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2, done.stdout + done.stderr
    found = {e["host"]: e for e in json.loads(report.read_text())["hosts"]}
    assert (found["well"]["status"], found["ill"]["status"]) == ("ok", "fail")
    assert found["well"]["client"] == "{{ acme }}", "a client's name is data, never rendered"
    assert "nothing listens on 127.0.0.1:1" in done.stdout
    assert "\x1b[" not in done.stdout
