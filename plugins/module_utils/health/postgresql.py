# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""PostgreSQL: does it take a connection and answer a query."""

from __future__ import annotations

import glob
import os
import re
from dataclasses import dataclass
from typing import Optional

from ansible_collections.holdfast.ops.plugins.module_utils.health.bounded import (
    Account,
    CannotRunError,
    Output,
    command,
)
from ansible_collections.holdfast.ops.plugins.module_utils.health.model import (
    FAIL,
    OK,
    UNKNOWN,
    Item,
    Limits,
    Service,
    of_service,
    rising,
)

# Debian's /usr/bin/psql is a Perl wrapper that takes ten times as long as the program itself.
VERSIONED = "/usr/lib/postgresql/*/bin/psql"
SOCKETS = ("/run/postgresql", "/var/run/postgresql", "/tmp")  # noqa: S108 - PostgreSQL's own default
OWNER = "postgres"
QUERY = "SELECT pg_is_in_recovery()"
_NOT_LET_IN = re.compile(
    r"role .* does not exist|authentication failed|no pg_hba\.conf entry|permission denied for|"
    r"password supplied|Permission denied",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Answer:
    """What psql came back with. ms: time the server took for the query, as psql measured it."""

    status: str
    value: Optional[str] = None
    ms: Optional[float] = None
    why: str = ""


def program(pattern: str = VERSIONED) -> str:
    """The newest versioned psql, or whatever PATH has."""
    found = glob.glob(pattern)
    return max(found, key=_version) if found else "psql"


def _version(path: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", path)]


def socket_folder(port: int) -> Optional[str]:
    """Where the server's socket is; None lets psql look where it was built to."""
    return next((d for d in SOCKETS if os.path.exists(f"{d}/.s.PGSQL.{port}")), None)


def owner() -> Optional[Account]:
    """The account that local (peer) authentication knows, where we may become it."""
    if os.geteuid() != 0:
        return None
    import pwd

    try:
        entry = pwd.getpwnam(OWNER)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid)


def ask(service: Service, timeout: float, psql: str, folder: Optional[str] = None) -> Answer:
    """One query over the local socket, as the server's owner."""
    port = service.port or 5432
    where = folder or socket_folder(port)
    argv = [psql, "-X", "-q", "-A", "-t", "-w", f"--port={port}", f"--dbname={service.database}"]
    argv += [f"--host={where}"] if where else []
    argv += ["-c", r"\timing on", "-c", QUERY]
    env = {
        # libpq takes no less than 2 s.
        "PGCONNECT_TIMEOUT": str(max(2, int(timeout))),
        "PGOPTIONS": f"-c statement_timeout={int(timeout * 1000)}",
        "PGAPPNAME": "holdfast-health",
    }
    try:
        return parse(command(argv, timeout, owner(), env))
    except CannotRunError as error:
        # Not ending in time is the server's fault, not being there is ours.
        late = "did not end" in str(error)
        return Answer(FAIL if late else UNKNOWN, why=str(error))


def parse(output: Output) -> Answer:
    """Read psql's output; being refused as a user says nothing about the server's health."""
    if output.code:
        complaint = output.complaint().replace("psql: error: ", "")
        refused = _NOT_LET_IN.search(complaint)
        return Answer(UNKNOWN if refused else FAIL, why=complaint)
    words = output.out.split()
    if not words or words[0] not in ("t", "f"):
        return Answer(FAIL, why=f"the query gave no answer: {output.complaint()}")
    timed = re.search(r"Time: ([0-9.]+) ms", output.out)
    role = "standby" if words[0] == "t" else "primary"
    return Answer(OK, role, float(timed.group(1)) if timed else None)


def judge(service: Service, answer: Answer, limits: Limits) -> list[Item]:
    """Items for the answer and, where there is one, how long it took."""
    name = service.name
    first = of_service(name, "postgresql", answer.status, value=answer.value, why=answer.why)
    if answer.ms is None:
        return [first]
    return [first, latency(service, answer.ms, limits)]


def latency(service: Service, ms: float, limits: Limits) -> Item:
    """How long a service took to answer, by its own limits or the host's."""
    warn = limits.latency_warn_ms if service.latency_warn_ms is None else service.latency_warn_ms
    fail = limits.latency_fail_ms if service.latency_fail_ms is None else service.latency_fail_ms
    status, limit = rising(ms, warn, fail)
    return of_service(service.name, "latency", status, value=round(ms, 1), unit="ms", limit=limit)


def check(service: Service, timeout: float, limits: Limits) -> list[Item]:
    """Ask and judge."""
    return judge(service, ask(service, timeout, program()), limits)
