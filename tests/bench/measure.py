"""Measures whole commands: wall seconds, CPU seconds of the command and its children, peak RSS."""

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Run:
    """One finished command.

    wall, cpu: seconds (cpu: user and system, of the command and its waited children).
    rss: peak resident set of the largest single process, MB.
    """

    wall: float
    cpu: float
    rss: float
    code: int
    out: str


def run(command: list[str], env: dict[str, str] | None = None) -> Run:
    """Run a command from the root and account for it with wait4.

    Raises:
        RuntimeError: it failed; with the end of its output.
    """
    log = ROOT / "build" / "bench" / "last.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = dict(os.environ, PATH=f"{BIN}:{os.environ['PATH']}", **(env or {}))
    with log.open("wb") as out:
        began = time.monotonic()
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT
        )
        _pid, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    text = log.read_text(errors="replace")
    cpu = usage.ru_utime + usage.ru_stime
    return Run(wall, cpu, usage.ru_maxrss / 1024, process.returncode, text)


def ok(command: list[str], env: dict[str, str] | None = None) -> Run:
    """Like `run`, but a failure stops the benchmark.

    Raises:
        RuntimeError: with the command and the end of what it printed.
    """
    done = run(command, env)
    if done.code:
        raise RuntimeError(f"{' '.join(command)} ended with {done.code}:\n{done.out[-2000:]}")
    return done


def tasks(text: str) -> int:
    """How many tasks a playbook's output names."""
    return len(re.findall(r"^(?:TASK|RUNNING HANDLER) \[", text, re.MULTILINE))
