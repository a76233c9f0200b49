"""PostgreSQL's answers, by a program in psql's place."""

import os
import pwd
import stat
from pathlib import Path

import pytest
from ansible_collections.holdfast.ops.plugins.module_utils.health import bounded, postgresql
from ansible_collections.holdfast.ops.plugins.module_utils.health.bounded import Output
from ansible_collections.holdfast.ops.plugins.module_utils.health.model import (
    FAIL,
    OK,
    UNKNOWN,
    WARN,
    Limits,
    Service,
)

DATABASE = Service("database", port=5433, scheme="postgresql", database="shop")


@pytest.fixture(autouse=True)
def as_ourselves(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's own account, since another may not see the test's folder."""
    monkeypatch.setattr(postgresql, "owner", lambda: None)


def psql(folder: Path, body: str) -> str:
    """A program that stands in for psql."""
    path = folder / "psql"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.parametrize(("letter", "role"), [("f", "primary"), ("t", "standby")])
def test_an_answered_query_is_ok_and_timed_by_the_server(
    tmp_path: Path, letter: str, role: str
) -> None:
    fake = psql(tmp_path, f"printf '{letter}\\nTime: 0.512 ms\\n'")
    items = postgresql.judge(DATABASE, postgresql.ask(DATABASE, 20, fake), Limits())
    assert [(i.id, i.status, i.value) for i in items] == [
        ("database.postgresql", OK, role),
        ("database.latency", OK, 0.5),
    ]


def test_psql_is_told_where_and_bounded_on_both_sides(tmp_path: Path) -> None:
    fake = psql(tmp_path, f'echo "$@" "$PGCONNECT_TIMEOUT" "$PGOPTIONS" > {tmp_path}/seen; echo f')
    postgresql.ask(DATABASE, 7, fake, folder="/run/elsewhere")
    seen = (tmp_path / "seen").read_text()
    for word in ("--port=5433", "--dbname=shop", "--host=/run/elsewhere", " -w ", "-X", "SELECT"):
        assert word in seen
    assert seen.rstrip().endswith("7 -c statement_timeout=7000")


@pytest.mark.parametrize(
    ("complaint", "expected"),
    [
        ('connection to server on socket "x" failed: No such file or directory', FAIL),
        ("connection failed: FATAL:  the database system is starting up", FAIL),
        ("connection failed: FATAL:  sorry, too many clients already", FAIL),
        ('connection failed: FATAL:  database "shop" does not exist', FAIL),
        ("ERROR:  canceling statement due to statement timeout", FAIL),
        ('connection failed: FATAL:  role "ops" does not exist', UNKNOWN),
        ('connection failed: FATAL:  Peer authentication failed for user "postgres"', UNKNOWN),
        ("connection failed: FATAL:  no pg_hba.conf entry for host", UNKNOWN),
    ],
)
def test_a_refused_connection_fails_but_a_refused_user_says_nothing(
    tmp_path: Path, complaint: str, expected: str
) -> None:
    (tmp_path / "complaint").write_text(f"psql: error: {complaint}\n\tMore about it\n")
    fake = psql(tmp_path, f"cat {tmp_path}/complaint >&2; exit 2")
    answer = postgresql.ask(DATABASE, 20, fake)
    assert (answer.status, answer.why) == (expected, complaint)


def test_without_psql_it_is_unknown_and_says_so(tmp_path: Path) -> None:
    answer = postgresql.ask(DATABASE, 5, str(tmp_path / "no-psql"))
    assert answer.status == UNKNOWN
    assert "cannot run" in answer.why
    assert "No such file" in answer.why


def test_a_server_that_does_not_answer_fails(tmp_path: Path) -> None:
    answer = postgresql.ask(DATABASE, 0.3, psql(tmp_path, "exec sleep 600"))
    assert (answer.status, answer.why) == (FAIL, "psql did not end within 0.3 s")


def test_no_row_is_no_answer() -> None:
    answer = postgresql.parse(Output(0, "", ""))
    assert answer.status == FAIL
    assert "no answer" in answer.why


def test_a_slow_query_is_a_warning() -> None:
    slow = postgresql.parse(Output(0, "f\nTime: 1500.000 ms (00:01.500)\n", ""))
    assert [i.status for i in postgresql.judge(DATABASE, slow, Limits())] == [OK, WARN]


def test_the_newest_versioned_psql_is_taken(tmp_path: Path) -> None:
    for version in ("9.6", "15", "13"):
        folder = tmp_path / version / "bin"
        folder.mkdir(parents=True)
        psql(folder, "true")
    assert postgresql.program(f"{tmp_path}/*/bin/psql") == f"{tmp_path}/15/bin/psql"
    assert postgresql.program(f"{tmp_path}/none/*/psql") == "psql"


def test_the_socket_is_looked_for_by_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "SOCKETS", (str(tmp_path / "a"), str(tmp_path)))
    assert postgresql.socket_folder(5433) is None
    (tmp_path / ".s.PGSQL.5433").touch()
    assert postgresql.socket_folder(5433) == str(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another account")
def test_a_command_can_run_as_another_account() -> None:
    entry = pwd.getpwnam("nobody")
    who = bounded.Account(entry.pw_uid, entry.pw_gid)
    done = bounded.command(["id", "-u"], 20, who)
    assert done.out == f"{entry.pw_uid}\n"
    assert bounded.command(["id", "-G"], 20, who).out == f"{entry.pw_gid}\n"
