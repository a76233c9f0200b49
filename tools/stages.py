"""Runs the test stages one after another: a line each, logs kept, a summary of times.

Each stage is a command with a log in build/logs. A failing stage prints the end
of its log and the run goes on, so that one run shows everything that is wrong.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "build" / "logs"
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Stage:
    """One command of the test run.

    limit: seconds after which it is ended and counts as failed.
    quick: also part of `make check`.
    """

    name: str
    command: list[str]
    limit: int
    quick: bool = True
    env: dict[str, str] = field(default_factory=dict)


def scenarios() -> list[str]:
    """Molecule scenarios found on disk: adding one edits no list."""
    return sorted(path.parent.name for path in (ROOT / "molecule").glob("*/molecule.yml"))


def stages() -> list[Stage]:
    """All stages in the order of what fails fastest."""
    tests = ["pytest", "-q", "-p", "no:cacheprovider"]
    return [
        Stage("ruff", ["ruff", "check", "--no-cache", "."], 60),
        Stage("ruff-format", ["ruff", "format", "--no-cache", "--check", "."], 60),
        Stage("mypy", ["mypy"], 180),
        Stage("repo", [*tests, "tests/repo"], 180),
        Stage("unit", [*tests, "-n", "2", "tests/unit"], 300),
        Stage("ansible-lint", ["ansible-lint", "--offline", "-q"], 300),
        Stage("shellcheck", ["python", "tools/shellcheck.py"], 60),
        Stage("sanity", ["python", "tools/sanity.py"], 900, quick=False),
        Stage("image", ["holdfast", "lab", "image", "--release", "bookworm"], 900, quick=False),
        Stage("image-13", ["holdfast", "lab", "image", "--release", "trixie"], 900, quick=False),
        *(
            Stage(f"molecule-{name}", ["molecule", "test", "-s", name], 900, quick=False)
            for name in scenarios()
        ),
        Stage("e2e", [*tests, "-v", "tests/e2e"], 1500, quick=False),
    ]


def environment(extra: dict[str, str]) -> dict[str, str]:
    """The stage's environment: the venv first, a lab suffix of this run's own."""
    env = dict(os.environ, PATH=f"{BIN}:{os.environ['PATH']}", **extra)
    env.setdefault("HOLDFAST_LAB_SUFFIX", f"-{os.getpid()}")
    env.pop("ANSIBLE_CONFIG", None)
    env["PYTHONUNBUFFERED"] = "1"
    env["NO_COLOR"] = "1"  # logs are read as text
    return env


def run(stage: Stage) -> tuple[bool, float]:
    """Run one stage into its log; (passed, seconds)."""
    began = time.monotonic()
    log = LOGS / f"{stage.name}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            stage.command,
            cwd=ROOT,
            env=environment(stage.env),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = process.wait(stage.limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
            out.write(f"\nended after its limit of {stage.limit} s\n".encode())
            code = 124
    return code == 0, time.monotonic() - began


def closing_line(log: Path) -> str:
    """The last line that says something, for the summary."""
    lines = [line.strip(" =") for line in log.read_text(errors="replace").splitlines()]
    return next((line[:90] for line in reversed(lines) if line), "")


def show_failure(stage: Stage) -> None:
    """The end of a failed stage's log, and how to run it alone."""
    lines = (LOGS / f"{stage.name}.log").read_text(errors="replace").splitlines()
    print("\n".join(f"    {line}" for line in lines[-60:]))
    print(f"    whole log: build/logs/{stage.name}.log; alone: make test ONLY={stage.name}")


def choose(kind: str, only: str | None) -> list[Stage]:
    """Stages of `check` or `test`, narrowed to names where asked.

    Raises:
        SystemExit: a name that is no stage.
    """
    chosen = [stage for stage in stages() if kind == "test" or stage.quick]
    if not only:
        return chosen
    known = {stage.name for stage in stages()}
    names = only.split(",")
    wrong = [name for name in names if name not in known]
    if wrong:
        sys.exit(f"stages: no stage {', '.join(wrong)}; known: {', '.join(sorted(known))}")
    return [stage for stage in stages() if stage.name in names]


def main() -> int:
    """Run the stages; 0 when all passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=["check", "test"])
    parser.add_argument("--only", help="comma-separated stage names")
    asked = parser.parse_args()
    LOGS.mkdir(parents=True, exist_ok=True)
    results: list[tuple[Stage, bool, float]] = []
    chosen = choose(asked.kind, asked.only)
    for number, stage in enumerate(chosen, 1):
        print(f"[{number}/{len(chosen)}] {stage.name} ...", flush=True)
        passed, seconds = run(stage)
        results.append((stage, passed, seconds))
        last = closing_line(LOGS / f"{stage.name}.log")
        print(f"    {'ok' if passed else 'FAILED'} in {seconds:.1f} s  {last}", flush=True)
        if not passed:
            show_failure(stage)
    return summary(results)


def summary(results: list[tuple[Stage, bool, float]]) -> int:
    """Print the table of times and the closing count; 0 when all passed."""
    print("\nstage                       result   seconds")
    for stage, passed, seconds in results:
        print(f"{stage.name:<28}{'ok' if passed else 'FAILED':<9}{seconds:7.1f}")
    failed = sum(not passed for _, passed, _ in results)
    print(f"{'all':<37}{sum(seconds for *_, seconds in results):7.1f}\n")
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
