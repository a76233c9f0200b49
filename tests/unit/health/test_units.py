"""systemd's words and what follows from them."""

import pytest
from ansible_collections.holdfast.ops.plugins.module_utils.health import units
from ansible_collections.holdfast.ops.plugins.module_utils.health.model import (
    FAIL,
    OK,
    UNKNOWN,
    WARN,
    Limits,
)

SHOW = """\
Id=nginx.service
Names=nginx.service web.service
LoadState=loaded
ActiveState=active
SubState=running
Result=success
NRestarts=0

LoadState=not-found
ActiveState=inactive
SubState=dead
Id=shop-backend.service
Names=shop-backend.service
Result=success

Id=postgresql@15-main.service
Names=postgresql@15-main.service
LoadState=loaded
ActiveState=failed
SubState=failed
Result=exit-code
NRestarts=2
"""


def state(name: str = "x.service", **changes: object) -> units.UnitState:
    """A healthy unit with changes."""
    given = {"load": "loaded", "active": "active", "sub": "running", "result": "success"}
    return units.UnitState(id=name, names=(name,), **{**given, "restarts": 0, **changes})


def test_show_asks_once_for_all_units_and_names_services_in_full() -> None:
    argv = units.show(["nginx", "postgresql@*-main.service", "-.mount"])
    assert argv[:2] == ["systemctl", "show"]
    assert argv[argv.index("--") :] == [
        "--",
        "nginx.service",
        "postgresql@*-main.service",
        "-.mount",
    ]


def test_show_is_read_block_by_block() -> None:
    nginx, backend, database = units.parse_show(SHOW)
    assert nginx == units.UnitState(
        "nginx.service",
        ("nginx.service", "web.service"),
        "loaded",
        "active",
        "running",
        "success",
        0,
    )
    assert (backend.load, backend.restarts) == ("not-found", 0)
    assert (database.active, database.result, database.restarts) == ("failed", "exit-code", 2)


def test_nothing_shown_is_no_unit() -> None:
    assert units.parse_show("") == []


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("nginx", ["nginx.service"]),
        ("web.service", ["nginx.service"]),
        ("postgresql@*-main.service", ["postgresql@15-main.service"]),
        ("postgresql.service", []),
    ],
)
def test_units_are_found_by_name_alias_and_glob(pattern: str, expected: list[str]) -> None:
    assert [s.id for s in units.matching(pattern, units.parse_show(SHOW))] == expected


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({}, OK, ""),
        ({"sub": "exited"}, OK, ""),
        ({"active": "inactive", "sub": "dead"}, FAIL, "does not run"),
        ({"active": "failed", "sub": "failed", "result": "oom-kill"}, FAIL, "(oom-kill)"),
        ({"active": "activating", "sub": "start"}, WARN, "is activating"),
        (
            {"active": "activating", "sub": "auto-restart", "result": "exit-code", "restarts": 9},
            FAIL,
            "keeps dying (exit-code, 9 restarts)",
        ),
        ({"active": "deactivating", "sub": "stop-sigterm"}, FAIL, "does not run"),
        ({"load": "not-found", "active": "inactive"}, FAIL, "does not exist"),
        ({"load": "masked", "active": "inactive"}, FAIL, "masked"),
        ({"load": "bad-setting", "active": "inactive"}, FAIL, "cannot be loaded (bad-setting)"),
        ({"restarts": 2}, OK, ""),
        ({"restarts": 3}, WARN, "restarted 3 times"),
    ],
)
def test_a_unit_is_judged_by_its_state(changes: dict[str, object], status: str, words: str) -> None:
    item = units.judge("backend", "x.service", [state(**changes)], Limits())
    assert (item.id, item.status) == ("backend.unit", status)
    assert words in item.why
    assert bool(item.why) is (status != OK)


def test_a_glob_that_matches_nothing_fails() -> None:
    item = units.judge("database", "postgresql@*-main.service", [], Limits())
    assert (item.status, item.value) == (FAIL, "not found")
    assert "postgresql@*-main.service" in item.why


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("inactive", "active", OK),
        ("failed", "active", FAIL),
        ("inactive", "inactive", FAIL),
    ],
)
def test_of_several_units_one_that_runs_is_enough_but_a_failed_one_is_told(
    old: str, new: str, expected: str
) -> None:
    states = [state("pg@13.service", active=old), state("pg@15.service", active=new)]
    assert units.judge("database", "pg@*.service", states, Limits()).status == expected


def test_failed_units_are_listed_without_the_declared_ones() -> None:
    text = "cron.service loaded failed failed Cron\npostgresql@15-main.service loaded failed x\n"
    names = units.parse_failed(text)
    assert names == ["cron.service", "postgresql@15-main.service"]
    item = units.judge_failed(names, ["postgresql@*-main.service"], Limits())
    assert (item.status, item.value, item.why) == (WARN, 1, "cron.service")


@pytest.mark.parametrize(("number", "expected"), [(0, OK), (1, WARN), (4, WARN), (5, FAIL)])
def test_many_failed_units_fail_the_host(number: int, expected: str) -> None:
    names = [f"u{n}.service" for n in range(number)]
    assert units.judge_failed(names, [], Limits()).status == expected


def test_more_failed_units_than_fit_are_counted() -> None:
    item = units.judge_failed([f"u{n}.service" for n in range(7)], [], Limits())
    assert item.why.endswith("u4.service and 2 more")


def test_systemd_that_cannot_be_asked_is_unknown() -> None:
    assert units.unknown("proxy", "no systemd").status == UNKNOWN
    item = units.judge_failed(None, [], Limits(), "no systemd")
    assert (item.status, item.value, item.why) == (UNKNOWN, None, "no systemd")
