"""Runs the health playbook and reads the report that its callback writes."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from holdfast.core.errors import HoldfastError, WrongCallError
from holdfast.core.places import project_root

CALLBACK = "holdfast.ops.health"
PLAYBOOK = "playbooks/health.yml"


@dataclass(frozen=True)
class Request:
    """What to check.

    inventories: as given to Ansible; none for the one of ansible.cfg.
    limit: host pattern, or None for all.
    quiet: keep the table off standard output (the report is what the caller wants).
    """

    inventories: tuple[str, ...] = ()
    limit: str | None = None
    quiet: bool = False


def program(name: str) -> str:
    """A program of this environment, else of PATH.

    Raises:
        HoldfastError: there is none.
    """
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.is_file() else shutil.which(name)
    if not found:
        raise HoldfastError(f"expected the program {name} on PATH, found none; run `make setup`")
    return found


def lab_inventory(name: str) -> str:
    """Inventory of a lab, as the lab itself says.

    Raises:
        HoldfastError: there is no such lab, or it says nothing useful.
    """
    command = [program("holdfast"), "lab", "status", "--name", name, "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise HoldfastError(f"lab {name} cannot be asked for its inventory: {why}")
    try:
        inventory = json.loads(done.stdout)["inventory"]
    except (ValueError, KeyError) as error:
        raise HoldfastError(
            f"expected `holdfast lab status --name {name}` to name an inventory, found none; "
            f"boot it: holdfast lab up --name {name}"
        ) from error
    return str(inventory)


def check(request: Request) -> dict[str, Any]:
    """The report of all hosts (see the collection's plugin_utils/health/report.py).

    The table goes to standard output as the playbook runs, unless the request is quiet.

    Raises:
        WrongCallError: an inventory is missing, or nothing matches the limit.
        HoldfastError: Ansible could not run, or stopped before the end.
    """
    command = [program("ansible-playbook"), *_inventory_options(request.inventories)]
    command += [f"--limit={request.limit}"] if request.limit else []
    with tempfile.TemporaryDirectory(prefix="holdfast-health-") as folder:
        path = Path(folder) / "report.json"
        done = _run([*command, PLAYBOOK], path, request.quiet)
        if not path.is_file():
            raise _without_report(request, done)
        report: dict[str, Any] = json.loads(path.read_text())
    if done.stderr and not request.quiet:
        sys.stderr.write(done.stderr)
    if not report["hosts"]:
        raise _nothing_checked(request)
    return report


def _inventory_options(inventories: Sequence[str]) -> list[str]:
    """`-i` for each, made absolute since the playbook runs from the checkout."""
    options = []
    for given in inventories:
        is_list = given.endswith(",") or "," in given
        path = Path(given).expanduser()
        if not is_list and not path.exists():
            raise WrongCallError(f"expected an inventory file or folder at {given}, found none")
        options += ["-i", given if is_list else str(path.resolve())]
    return options


def _run(command: list[str], report: Path, quiet: bool) -> subprocess.CompletedProcess[str]:
    env = {
        **os.environ,
        "ANSIBLE_STDOUT_CALLBACK": CALLBACK,
        "HOLDFAST_HEALTH_JSON": str(report),
    }
    return subprocess.run(
        command,
        cwd=project_root(),
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if quiet else None,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )


def _without_report(
    request: Request, done: subprocess.CompletedProcess[str]
) -> HoldfastError | WrongCallError:
    if "no hosts to target" in done.stderr:
        return _nothing_checked(request)
    lines = [line for line in done.stderr.strip().splitlines() if line.strip()]
    # A parse error of an inventory is told in full: it names file and line.
    told = "\n".join(lines[:40]) or "it said nothing"
    return HoldfastError(f"ansible-playbook ended with {done.returncode} before a report:\n{told}")


def _nothing_checked(request: Request) -> WrongCallError:
    where = ", ".join(request.inventories) or "the inventory of ansible.cfg"
    if request.limit:
        return WrongCallError(
            f"no host of {where} matches the limit {request.limit!r}: nothing was checked; "
            "see `ansible-inventory --graph`"
        )
    return WrongCallError(f"{where} has no hosts: nothing was checked")
