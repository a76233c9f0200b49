"""A lab of its own for the end-to-end tests, driven by the product's own commands."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Result:
    """What a command did."""

    code: int
    out: str

    def __str__(self) -> str:
        return f"exit {self.code}\n{self.out}"


def run(*command: str, limit: int = 300, **env: str) -> Result:
    """Run a command of the product from the root; stdout and stderr together.

    Raises:
        AssertionError: it did not end within `limit` seconds.
    """
    environment = dict(os.environ, PATH=f"{BIN}:{os.environ['PATH']}", **env)
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise AssertionError(
            f"{' '.join(command)} did not end in {limit} s: {late.output}"
        ) from late
    return Result(done.returncode, done.stdout)


@dataclass
class Fleet:
    """The lab under test: its name, its inventory, its hosts."""

    name: str
    facts: dict[str, Any] = field(default_factory=dict)

    def up(self) -> None:
        """Boot it and read its facts."""
        result = run("holdfast", "lab", "up", "--name", self.name, limit=900)
        assert result.code == 0, result
        status = run("holdfast", "lab", "status", "--name", self.name, "--format", "json")
        assert status.code == 0, status
        self.facts = json.loads(status.out)

    def down(self) -> None:
        """Remove it."""
        result = run("holdfast", "lab", "down", "--name", self.name)
        assert result.code == 0, result

    @property
    def inventory(self) -> str:
        """Directory of the lab's declarations."""
        return str(self.facts["inventory"])

    def address(self, host: str) -> str:
        """Address of a host of this lab."""
        return next(str(h["address"]) for h in self.facts["hosts"] if h["name"] == host)

    def on(self, host: str, command: str) -> Result:
        """Run a shell line on a host, past Ansible."""
        config = str(self.facts["ssh_config"])
        return run("ssh", "-F", config, "-o", "ControlPath=none", host, command, limit=60)

    def must(self, host: str, command: str) -> str:
        """The same, but it has to succeed."""
        result = self.on(host, command)
        assert result.code == 0, f"{host}: {command}: {result}"
        return result.out

    def playbook(self, book: str, *options: str, limit: int = 600) -> Result:
        """Run one of our playbooks over this lab."""
        return run(
            "ansible-playbook", "-i", self.inventory, f"playbooks/{book}", *options, limit=limit
        )

    def health(self, *options: str) -> tuple[Result, dict[str, Any]]:
        """`holdfast health`: its table and its JSON report."""
        report = ROOT / "build" / f"health-{self.name}.json"
        report.parent.mkdir(exist_ok=True)
        report.unlink(missing_ok=True)
        command = ["holdfast", "health", "-i", self.inventory, "--output", str(report), *options]
        result = run(*command, limit=180)
        assert report.is_file(), result
        return result, json.loads(report.read_text())
