"""Labs for the end-to-end tests, each under a name of its own and always taken down."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.fleet import Fleet, run

RECAP = re.compile(
    r"^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE
)


def suffix() -> str:
    """Keeps apart the labs of CI, of a person and of two test runs."""
    return os.environ.get("HOLDFAST_LAB_SUFFIX", f"-{os.getpid()}")


def recap(text: str) -> dict[str, dict[str, int]]:
    """Ansible's PLAY RECAP: host -> ok, changed, unreachable, failed."""
    keys = ("ok", "changed", "unreachable", "failed")
    return {
        host: dict(zip(keys, map(int, counts), strict=True))
        for host, *counts in RECAP.findall(text)
    }


@pytest.fixture(scope="session")
def isolated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ansible's caches and SSH masters of this run alone (host names repeat between labs)."""
    folder = tmp_path_factory.mktemp("e2e")
    os.environ["ANSIBLE_CACHE_PLUGIN_CONNECTION"] = str(folder / "facts")
    os.environ["ANSIBLE_SSH_CONTROL_PATH_DIR"] = str(folder / "cp")
    os.environ["ANSIBLE_NOCOLOR"] = "1"
    return folder


@pytest.fixture(scope="module")
def fleet(isolated: Path) -> Iterator[Fleet]:
    """The lab of inventories/lab, booted under a name of its own."""
    lab = Fleet(f"e2e{suffix()}")
    try:
        lab.up()
        yield lab
    finally:
        gone = run("holdfast", "lab", "down", "--name", lab.name)
        assert gone.code == 0, gone
