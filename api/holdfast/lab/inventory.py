"""A lab's own copy of an inventory: the same declarations with the lab's addresses and keys."""

import re
from pathlib import Path
from typing import Any

import yaml

from holdfast.lab.errors import LabError
from holdfast.lab.locks import write
from holdfast.lab.paths import LabPaths

LARGEST = 1_048_576
NOTE = "# Written by `holdfast lab up` from {source}; changes here are lost.\n"


def rebase_text(text: str, declared: str, given: str) -> str:
    """Every address of one /24 moved to another; other numbers stay as they are."""
    old, new = (net.rsplit(".", 1)[0] for net in (declared, given))
    return re.sub(rf"(?<![\d.]){re.escape(old)}\.(\d{{1,3}})(?![\d]|\.\d)", rf"{new}.\1", text)


def connection(paths: LabPaths) -> dict[str, str]:
    """Variables by which Ansible reaches the lab's hosts."""
    return {
        "ansible_user": "root",
        "ansible_ssh_private_key_file": str(paths.key),
        "ansible_ssh_common_args": (
            f"-o UserKnownHostsFile={paths.known_hosts} -o StrictHostKeyChecking=yes"
        ),
    }


def all_variables(text: str, paths: LabPaths, source: Path) -> str:
    """group_vars/all.yml of the copy: what the source has, with this lab's key and host keys.

    Raises:
        LabError: the source's file is no mapping.
    """
    data: Any = yaml.safe_load(text) or {}
    if not isinstance(data, dict):
        raise LabError(f"expected a mapping in {source}/group_vars/all.yml")
    data.update(connection(paths))
    body = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=1000)
    return f"---\n{NOTE.format(source=source)}{body}"


def wanted_files(source: Path, paths: LabPaths, declared: str, given: str) -> dict[Path, str]:
    """Relative path -> text of every file the copy has.

    Raises:
        LabError: a file is no text or too large.
    """
    found: dict[Path, str] = {}
    for path in sorted(source.rglob("*")):
        if not path.is_file() or path.name.startswith(".") or path.name.endswith("~"):
            continue
        if path.stat().st_size > LARGEST:
            raise LabError(f"expected at most {LARGEST} bytes in {path}")
        try:
            text = path.read_text()
        except UnicodeDecodeError as error:
            raise LabError(f"expected UTF-8 text in {path}") from error
        found[path.relative_to(source)] = rebase_text(text, declared, given)
    everyone = Path("group_vars/all.yml")
    found[everyone] = all_variables(found.get(everyone, ""), paths, source)
    return found


def copy(source: Path, paths: LabPaths, declared: str, given: str) -> bool:
    """Bring the lab's copy up to date; True when a file changed.

    declared: the /24 of the source's addresses. given: the lab's.
    """
    wanted = wanted_files(source, paths, declared, given)
    changed = False
    for name, text in wanted.items():
        path = paths.inventory / name
        if not path.is_file() or path.read_text() != text:
            write(path, text, 0o644)
            changed = True
    for path in sorted(paths.inventory.rglob("*"), reverse=True):
        if path.is_file() and path.relative_to(paths.inventory) not in wanted:
            path.unlink()
            changed = True
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    return changed
