"""The module as Ansible calls it, and everything of a host together."""

import io
import json
import threading
from typing import Any

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args
from ansible_collections.holdfast.ops.plugins.module_utils.health import check, units
from ansible_collections.holdfast.ops.plugins.module_utils.health.bounded import (
    CannotRunError,
    Output,
)
from ansible_collections.holdfast.ops.plugins.module_utils.health.model import (
    FAIL,
    OK,
    UNKNOWN,
    Item,
    Limits,
    Service,
    of_host,
    of_service,
)
from ansible_collections.holdfast.ops.plugins.modules import health_check_info as module

from tests.unit.health.conftest import answering, page, server

SHOW = "Id=shop.service\nNames=shop.service\nLoadState=loaded\nActiveState={}\nSubState=x\n"


def systemctl(active: str = "active", failed: str = "") -> Any:
    """A `command` that answers for systemctl and counts its calls."""
    calls: list[list[str]] = []
    lock = threading.Lock()

    def run(argv: Any, *_more: Any, **_named: Any) -> Output:
        with lock:
            calls.append(list(argv))
        return Output(0, failed if tuple(argv) == units.FAILED else SHOW.format(active), "")

    run.calls = calls  # type: ignore[attr-defined] # what the test reads back
    return run


@pytest.fixture
def systemd(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A systemd with one active unit."""
    run = systemctl()
    monkeypatch.setattr(check, "command", run)
    return run


def call(capsys: pytest.CaptureFixture[str], **args: Any) -> dict[str, Any]:
    """Run the module and read what it tells Ansible."""
    with patch_module_args(args), pytest.raises(SystemExit):
        module.main()
    return dict(json.loads(capsys.readouterr().out))


def test_services_and_host_are_checked_in_one_call(
    systemd: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with server(answering(page("fine"))) as port:
        services = [
            {"name": name, "unit": "shop", "port": port, "scheme": "http", "health": "/"}
            for name in ("frontend", "backend")
        ]
        told = call(capsys, services=services, host_checks=["memory", "load", "failed_units"])
    result = told["health_check"]
    assert told["changed"] is False
    assert [item["id"] for item in result["items"] if item["service"]] == [
        f"{name}.{what}"
        for name in ("frontend", "backend")
        for what in ("unit", "port", "http", "latency")
    ]
    assert {i["check"] for i in result["items"] if not i["service"]} >= {"memory", "load"}
    assert result["checked_at"].endswith("Z")
    shows = [argv for argv in systemd.calls if "show" in argv]
    assert len(shows) == 1, "all units are read by one command"


def test_a_service_that_fails_makes_the_host_fail_and_is_named_in_the_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check, "command", systemctl("failed"))
    services = [{"name": "backend", "unit": "shop.service"}]
    told = call(capsys, services=services, host_checks=["reboot"])
    assert told["health_check"]["status"] == FAIL
    assert "fail backend.unit: shop.service does not run" in told["msg"]
    assert "failed" not in told, "the module could look: what it found is the caller's to judge"


def test_contradicting_options_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    told = call(capsys, thresholds={"disk_warn_percent": 99})
    assert told["failed"] is True
    assert "disk_warn_percent 99 is beyond disk_fail_percent 90" in told["msg"]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"thresholds": {"disk_wran_percent": 5}}, "disk_wran_percent"),
        ({"services": [{"name": "a", "prot": 80}]}, "prot"),
        ({"services": [{"port": 80}]}, "name"),
        ({"services": [{"name": "a", "scheme": "gopher"}]}, "gopher"),
        ({"host_checks": ["dsik"]}, "dsik"),
    ],
)
def test_misspelt_options_are_refused_by_name(
    capsys: pytest.CaptureFixture[str], args: dict[str, Any], words: str
) -> None:
    told = call(capsys, **args)
    assert told["failed"] is True
    assert words in told["msg"]


def test_limits_left_out_keep_their_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    told = call(
        capsys,
        thresholds={"load_warn_per_cpu": 1e6, "load_fail_per_cpu": 1e6},
        host_checks=["load", "memory"],
    )
    limits = {item["check"]: item["limit"] for item in told["health_check"]["items"]}
    assert limits["load"] == 1e6
    assert limits["memory"] in (Limits().memory_warn_percent, Limits().memory_fail_percent)


def test_the_documentation_states_the_limits_that_are_in_force() -> None:
    options = yaml.safe_load(module.DOCUMENTATION)["options"]
    stated = {
        name: option["default"] for name, option in options["thresholds"]["suboptions"].items()
    }
    assert stated == {field: getattr(Limits(), field) for field in stated}
    assert set(stated) == set(Limits.__dataclass_fields__)
    assert set(options["services"]["suboptions"]) == set(Service.__dataclass_fields__)


def test_systemd_out_of_reach_is_unknown_for_each_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_args: Any) -> Output:
        raise CannotRunError("cannot run systemctl: No such file or directory")

    monkeypatch.setattr(check, "command", missing)
    services = [Service("a", unit="x"), Service("b", unit="y")]
    items = check.check_host(services, Limits(), ["failed_units"], "/nowhere", 20)
    assert [(item.id, item.status) for item in items] == [
        ("a.unit", UNKNOWN),
        ("b.unit", UNKNOWN),
        ("host.failed_units", UNKNOWN),
    ]


def test_systemd_that_refuses_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = Output(1, "", "System has not been booted with systemd\n")
    monkeypatch.setattr(check, "command", lambda *_: refusal)
    items = check.check_host([Service("a", unit="x")], Limits(), ["failed_units"], "/nowhere", 20)
    assert {item.status for item in items} == {UNKNOWN}
    assert {item.why for item in items} == {"System has not been booted with systemd"}


def test_without_ca_certificates_tls_is_unknown_and_says_where_they_were_expected() -> None:
    service = Service("proxy", port=443, scheme="https", health="/")
    (item,) = check.check_host([service], Limits(), [], "/nowhere/ca.crt", 20)
    assert (item.id, item.status) == ("proxy.tls", UNKNOWN)
    assert "/nowhere/ca.crt" in item.why


def test_nothing_to_check_is_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    told = call(capsys, host_checks=[])
    assert told["health_check"]["status"] == UNKNOWN
    assert told["health_check"]["items"] == []


def test_the_real_host_answers_every_check() -> None:
    items = check.check_host([], Limits(), check.HOST_CHECKS, "/nowhere", 20)
    assert {item.check for item in items} >= set(check.HOST_CHECKS)


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([of_host("load", OK)], "all 1 checks ok"),
        ([], "nothing was checked"),
        (
            [
                of_service("p", "http", UNKNOWN, why="not asked: nothing listens"),
                of_host("clock", UNKNOWN, why="no source"),
                of_service("p", "port", FAIL, why="nothing listens"),
            ],
            "fail p.port: nothing listens; unknown host.clock: no source",
        ),
    ],
)
def test_the_message_tells_causes_worst_first(items: list[Item], expected: str) -> None:
    assert check.summary(items) == expected


def test_output_is_plain_json(capsys: pytest.CaptureFixture[str]) -> None:
    told = call(capsys, host_checks=["memory"])
    assert json.load(io.StringIO(json.dumps(told))) == told
