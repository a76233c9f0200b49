"""STYLE.md rules 2, 3 and 11 for modules and plugins."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.repo import tree

IMPORT = re.compile(r"^\s*(?:from|import)\s+([\w.]+)", re.MULTILINE)


def constants(path: Path) -> dict[str, str]:
    found = {}
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            found[getattr(node.targets[0], "id", "")] = str(node.value.value)
    return found


def loose(options: dict[str, Any], path: str = "") -> list[str]:
    wrong = []
    for name, option in options.items():
        here = f"{path}{name}"
        if "type" not in option:
            wrong.append(f"{here}: no type")
        if option.get("type") == "list" and "elements" not in option:
            wrong.append(f"{here}: list without elements")
        wrong += loose(option.get("suboptions", {}), f"{here}.")
    return wrong


@pytest.mark.parametrize("module", tree.modules(), ids=lambda p: p.stem)
def test_a_module_documents_types_and_modes(module: Path) -> None:
    text = constants(module)
    doc = yaml.safe_load(text["DOCUMENTATION"])
    assert doc["module"] == module.stem
    assert loose(doc.get("options", {})) == []
    assert {"check_mode", "diff_mode"} <= set(doc["attributes"])
    assert yaml.safe_load(text["RETURN"])
    assert module.stem.count("_") >= 1, "modules are named <area>_<thing>[_info]"


@pytest.mark.parametrize("module", tree.modules(), ids=lambda p: p.stem)
def test_a_module_has_unit_tests(module: Path) -> None:
    tests = [p for p in tree.below("tests/unit", ".py") if module.stem in p.read_text()]
    assert tests, f"expected a unit test that names {module.stem}"


@pytest.mark.parametrize("module", tree.modules(), ids=lambda p: p.stem)
def test_a_modules_examples_are_valid_tasks(module: Path, tmp_path: Path) -> None:
    tasks = yaml.safe_load(constants(module)["EXAMPLES"])
    assert tasks
    book = tmp_path / "examples.yml"
    book.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    command = [program, "-i", "localhost,", "--syntax-check", str(book)]
    env = dict(os.environ, ANSIBLE_CONFIG=str(tree.ROOT / "ansible.cfg"))
    env["ANSIBLE_INVENTORY_ENABLED"] = "host_list"
    done = subprocess.run(command, cwd=tree.ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def imports(path: Path) -> set[str]:
    return set(IMPORT.findall(path.read_text()))


def test_the_collection_never_knows_the_api() -> None:
    plugins = tree.below("plugins", ".py") + tree.below("roles", ".py")
    assert plugins
    wrong = {
        tree.short(p) for p in plugins if any(n.split(".")[0] == "holdfast" for n in imports(p))
    }
    assert wrong == set()


def test_what_runs_on_targets_uses_the_standard_library_alone() -> None:
    third = {"yaml", "pydantic", "netaddr", "requests", "jinja2", "psycopg2", "rich", "click"}
    targets = tree.below("plugins/modules", ".py") + tree.below("plugins/module_utils", ".py")
    wrong = {tree.short(p): imports(p) & third for p in targets if imports(p) & third}
    assert wrong == {}


def test_pure_cores_need_no_ansible_object() -> None:
    cores = tree.below("plugins/module_utils", ".py")
    wrong = [tree.short(p) for p in cores if "AnsibleModule(" in p.read_text()]
    assert wrong == []


def test_features_of_the_package_name_their_commands() -> None:
    for path in tree.matching("api/holdfast/*/cli.py"):
        assert "COMMANDS" in path.read_text(), tree.short(path)
