"""Checks every shell script of the tree (by its first line) with shellcheck."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHELLS = (b"#!/bin/sh", b"#!/bin/bash", b"#!/usr/bin/env bash", b"#!/usr/bin/env sh")


def scripts() -> list[str]:
    """Tracked and new files whose first line names a shell."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found = []
    for name in filter(None, names.split("\0")):
        path = ROOT / name
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.readline().rstrip().startswith(SHELLS):
                    found.append(name)
    return found


def main() -> int:
    """shellcheck's exit code; an empty list is an error, for it would check nothing."""
    names = scripts()
    if not names:
        print("shellcheck: expected shell scripts in the tree, found none")
        return 1
    code = subprocess.run(["shellcheck", *names], cwd=ROOT, check=False).returncode
    print(f"shellcheck: {len(names)} scripts, {'clean' if code == 0 else 'findings above'}")
    return code


if __name__ == "__main__":
    sys.exit(main())
