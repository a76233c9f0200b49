# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Nothing here may hang: commands and checks that end, or are left behind, in time."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Callable, NamedTuple, Optional

from ansible_collections.holdfast.ops.plugins.module_utils.health.model import (
    FAIL,
    UNKNOWN,
    Item,
    of_host,
    of_service,
)

# What a check may take beyond its own timeout before it is left behind, in seconds.
GRACE = 1.0


class CannotRunError(Exception):
    """A command gave no answer; the text says why, for people."""


@dataclass(frozen=True)
class Output:
    """What a command that ended said."""

    code: int
    out: str
    err: str

    def complaint(self) -> str:
        """The first line of its error output, or its exit code."""
        lines = [line.strip() for line in self.err.splitlines() if line.strip()]
        return lines[0][:300] if lines else f"exit code {self.code}"


class Account(NamedTuple):
    """An account of the host that a command runs as."""

    uid: int
    gid: int


def command(
    argv: Sequence[str],
    timeout: float,
    account: Optional[Account] = None,
    env: Optional[dict[str, str]] = None,
) -> Output:
    """Run a command, at most `timeout` seconds.

    Raises:
        CannotRunError: the program is missing or may not be run, or did not end in time.
    """
    who = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", **(env or {})},
            cwd="/",
            start_new_session=True,
            **who,
        )
    except OSError as error:
        raise CannotRunError(f"cannot run {argv[0]}: {error.strerror}") from error
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired as late:
        _abandon(process)
        raise CannotRunError(
            f"{os.path.basename(argv[0])} did not end within {timeout:g} s"
        ) from late
    return Output(process.returncode, out.decode(errors="replace"), err.decode(errors="replace"))


def _abandon(process: subprocess.Popen) -> None:
    """End a command and its children; not waited for, since a hung mount never lets go."""
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()


class Job(NamedTuple):
    """A check to run beside the others; it names the item to report should it never end.

    late: status of that item.
    """

    service: Optional[str]
    check: str
    work: Callable[[], list[Item]]
    late: str = FAIL


def gather(jobs: Sequence[Job], timeout: float) -> list[Item]:
    """Run all jobs side by side; items in the order of the jobs.

    A job that has not ended `timeout` and a grace after the start is left behind in its
    daemon thread, which does not keep the process alive.
    """
    results: dict[int, list[Item]] = {}

    def run(number: int, job: Job) -> None:
        try:
            results[number] = job.work()
        # A fault of one check must not hide the others: it becomes that check's result.
        except Exception as error:  # noqa: BLE001
            why = f"the check itself failed: {type(error).__name__}: {error}"
            results[number] = [_named(job, UNKNOWN, why)]

    threads = [
        threading.Thread(target=run, args=(number, job), daemon=True)
        for number, job in enumerate(jobs)
    ]
    end = time.monotonic() + timeout + GRACE
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    items: list[Item] = []
    for number, job in enumerate(jobs):
        items += results[number] if number in results else [_late(job, timeout)]
    return items


def _late(job: Job, timeout: float) -> Item:
    return _named(job, job.late, f"no result within {timeout:g} s")


def _named(job: Job, status: str, why: str) -> Item:
    if job.service:
        return of_service(job.service, job.check, status, why=why)
    return of_host(job.check, status, why=why)
