"""The report of a fleet and its table, from recorded results."""

from typing import Any

import pytest
from ansible_collections.holdfast.ops.plugins.plugin_utils.health import report, table

from tests.unit.health.recorded import load

ACME = {"client": "acme", "instance": "production", "environment": "production"}
NOBODY = {"client": None, "instance": None, "environment": None}
CHECKS = load("checks")
CASES = load("unreachable")


def fleet() -> list[report.Entry]:
    """One host of every kind."""
    return [
        report.checked("acme-db1", ACME, CHECKS["acme-db1"]),
        report.checked("acme-web1", ACME, CHECKS["acme-web1"]),
        report.checked("ops1", NOBODY, CHECKS["ops1"]),
        report.not_reached("globex-1", {**ACME, "client": "globex"}, CASES[0]["message"]),
        report.not_checked("globex-2", {**ACME, "client": "globex"}, "Missing sudo password"),
    ]


def build(entries: list[report.Entry]) -> dict[str, Any]:
    return report.build(entries, "2026-03-01T03:12:05Z", 1.44)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_why_a_host_was_not_reached_is_named(case: dict[str, str]) -> None:
    entry = report.not_reached("h", NOBODY, case["message"])
    assert (entry["status"], entry["reason"], entry["why"]) == (
        "unreachable",
        case["reason"],
        case["why"],
    )


def test_hosts_come_worst_first_and_are_counted() -> None:
    whole = build(fleet())
    assert [(e["host"], e["status"]) for e in whole["hosts"]] == [
        ("globex-1", "unreachable"),
        ("globex-2", "error"),
        ("acme-web1", "fail"),
        ("ops1", "unknown"),
        ("acme-db1", "ok"),
    ]
    assert whole["counts"] == {"unreachable": 1, "error": 1, "fail": 1, "unknown": 1, "ok": 1}
    assert (whole["status"], whole["healthy"]) == ("unreachable", False)


@pytest.mark.parametrize(
    ("status", "items", "expected"),
    [
        ("ok", [("database", "ok")], True),
        ("warn", [("database", "warn")], True),
        ("unknown", [("database", "ok"), (None, "unknown")], True),
        ("unknown", [("database", "unknown")], False),
        ("fail", [(None, "fail")], False),
        ("unknown", [], False),
    ],
)
def test_a_service_that_is_unknown_needs_someone_a_clock_that_is_unknown_can_wait(
    status: str, items: list[tuple[str, str]], expected: bool
) -> None:
    result = {
        "status": status,
        "checked_at": "x",
        "duration_ms": 1,
        "items": [{"service": service, "status": how} for service, how in items],
    }
    entry = report.checked("h", NOBODY, result)
    assert report.healthy(entry) is expected
    assert build([entry])["healthy"] is expected


def test_a_fleet_of_nobody_is_not_healthy() -> None:
    whole = build([])
    assert (whole["status"], whole["healthy"], whole["hosts"]) == ("unknown", False, [])


def rows(width: int | None = None) -> list[str]:
    return [line.text for line in table.render(build(fleet()), width)]


def test_the_table_names_what_is_wrong_with_value_limit_and_why() -> None:
    lines = rows()
    (disk,) = [line for line in lines if "disk:/var" in line]
    words = disk.split()
    assert words[:5] == ["FAIL", "acme/production", "acme-web1", "-", "disk:/var"]
    assert words[5:] == ["97.1", "%", "90", "%", "1", "GiB", "free"]
    (expiry,) = [line for line in lines if "tls_expiry" in line]
    assert expiry.startswith("WARN")
    assert "12.5 days 21 days" in " ".join(expiry.split())


def test_what_another_fault_explains_is_folded_into_a_count() -> None:
    text = "\n".join(rows())
    assert " http " not in text
    assert "2 checks ok, 1 not asked because of the above" in text


def test_hosts_that_were_not_checked_stand_first_with_their_reason() -> None:
    lines = rows()
    assert lines[1].split()[:5] == ["UNREACHABLE", "globex/production", "globex-1", "-", "host"]
    assert "answers with another SSH host key" in lines[1]
    assert lines[2].startswith("ERROR")
    assert lines[2].endswith("Missing sudo password")


def test_a_host_that_is_well_is_one_line() -> None:
    assert [line.split()[0] for line in rows() if "acme-db1" in line] == ["ok"]


def test_the_last_line_counts_hosts() -> None:
    assert rows()[-1] == (
        "5 hosts: 1 unreachable, 1 error, 1 fail, 1 unknown, 1 ok; 2026-03-01T03:12:05Z, 1.4 s"
    )


@pytest.mark.parametrize("width", [130, 160])
def test_on_a_terminal_reasons_wrap_below_themselves(width: int) -> None:
    lines = rows(width)
    assert max(len(line) for line in lines) <= width
    joined = " ".join(" ".join(lines).split())
    assert "journalctl -u shop-backend.service" in joined


def test_on_a_very_narrow_terminal_rows_stay_whole() -> None:
    assert rows(40) == rows(None)


def test_what_a_host_says_cannot_steer_the_terminal() -> None:
    evil = "\x1b[2J\x1b]0;owned\x07first\nsecond\x9b31m"
    entry = report.not_checked("h", NOBODY, evil)
    assert entry["why"] == "[2J ]0;owned first second 31m"
    check = {**CHECKS["acme-db1"], "items": [dict(CHECKS["acme-web1"]["items"][0], why=evil)]}
    lines = table.render(build([report.checked("h", NOBODY, check)]))
    assert not any(ord(letter) < 32 for line in lines for letter in line.text)


def test_a_very_long_reason_is_cut() -> None:
    assert len(report.one_line("x" * 5000)) == 500


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [(None, "ms", "-"), (97.10, "%", "97.1 %"), (3, None, "3"), ("active (x)", None, "active (x)")],
)
def test_values_are_written_with_their_unit(value: object, unit: str, expected: str) -> None:
    assert report.measured(value, unit) == expected
