"""Generated parts of the pages equal what their specs say."""

import importlib.util
import subprocess
import sys
from types import ModuleType

import pytest

from tests.repo import tree


@pytest.fixture(scope="module")
def docs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_tool", tree.ROOT / "tools/docs.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_role_option_tables_are_up_to_date() -> None:
    command = [sys.executable, str(tree.ROOT / "tools/docs.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_changed_spec_makes_the_table_stale(docs: ModuleType) -> None:
    option = {"role__port": {"type": "int", "default": 9100, "description": "Where it listens."}}
    readme = f"# r\n{docs.BEGIN}\nold\n{docs.END}\nrest\n"
    renewed = docs.with_table(readme, option)
    assert "| `role__port` | int | `9100` | Where it listens. |" in renewed
    assert "old" not in renewed
    assert docs.with_table(renewed, option) == renewed


def test_a_readme_without_markers_is_named(docs: ModuleType) -> None:
    with pytest.raises(ValueError, match="expected the markers"):
        docs.with_table("# r\n", {})


def test_the_readme_names_every_make_target_that_exists() -> None:
    makefile = (tree.ROOT / "Makefile").read_text()
    readme = (tree.ROOT / "README.md").read_text()
    for target in ("demo", "test"):
        assert f"make {target}" in readme
        assert f"\n{target}:" in makefile
