"""The collection's artefact: it builds, holds what it should and nothing else, and installs."""

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.repo import tree

SHIPPED = {"plugins", "roles", "playbooks", "meta", "changelogs", "docs"}
FILES = {"MANIFEST.json", "FILES.json", "LICENSE", "README.md", "galaxy.yml", "requirements.yml"}


def galaxy(*arguments: str) -> str:
    program = str(Path(sys.executable).with_name("ansible-galaxy"))
    done = subprocess.run(
        [program, "collection", *arguments], cwd=tree.ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def artefact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("artefact")
    galaxy("build", "--output-path", str(folder))
    return next(folder.glob("holdfast-ops-*.tar.gz"))


def test_it_ships_its_parts_and_nothing_else(artefact: Path) -> None:
    with tarfile.open(artefact) as archive:
        names = {member.name for member in archive.getmembers() if member.isfile()}
    assert {name.split("/")[0] for name in names} == SHIPPED | FILES
    wanted = {tree.short(p) for part in ("plugins", "roles", "playbooks") for p in tree.below(part)}
    assert wanted - names == set()
    assert [name for name in names if "__pycache__" in name or name.endswith(".pyc")] == []


def test_it_installs_and_its_modules_document_themselves(artefact: Path, tmp_path: Path) -> None:
    galaxy("install", str(artefact), "--offline", "--no-deps", "--force", "-p", str(tmp_path))
    installed = tmp_path / "ansible_collections/holdfast/ops"
    assert {p.stem for p in (installed / "plugins/modules").glob("*.py")} >= {
        module.stem for module in tree.modules()
    }
    assert (installed / "roles/base/meta/argument_specs.yml").is_file()
