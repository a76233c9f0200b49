"""STYLE.md rules 2, 5 and 6: names, anatomy and specs of roles."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.repo import tree

TASK_WORDS = {"ignore_errors", "ansible.builtin.shell", "ansible.builtin.raw", "shell", "raw"}


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text()) if path.is_file() else None


def spec(role: Path) -> dict[str, Any]:
    return dict(load(role / "meta/argument_specs.yml")["argument_specs"]["main"])


def tasks(role: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def walk(items: list[dict[str, Any]]) -> None:
        for item in items:
            found.append(item)
            for key in ("block", "rescue", "always"):
                walk(item.get(key, []))

    for path in sorted((role / "tasks").glob("*.yml")):
        walk(load(path) or [])
    return found


def test_there_are_roles() -> None:
    assert len(tree.roles()) >= 3


@pytest.mark.parametrize("role", tree.roles(), ids=lambda p: p.name)
def test_a_role_is_whole(role: Path) -> None:
    wanted = ["README.md", "meta/main.yml", "meta/argument_specs.yml", "defaults/main.yml"]
    wanted += ["tasks/main.yml", "tasks/preflight.yml"]
    assert [name for name in wanted if not (role / name).is_file()] == []
    assert (tree.ROOT / f"molecule/{role.name}/molecule.yml").is_file()
    assert (tree.ROOT / f"molecule/{role.name}/verify.yml").is_file()
    assert (tree.ROOT / f"playbooks/{role.name}.yml").is_file()


@pytest.mark.parametrize("role", tree.roles(), ids=lambda p: p.name)
def test_defaults_equal_the_spec_in_keys_and_values(role: Path) -> None:
    stated = {
        name: option["default"]
        for name, option in spec(role).get("options", {}).items()
        if "default" in option
    }
    assert load(role / "defaults/main.yml") == stated


def untyped(options: dict[str, Any], path: str) -> list[str]:
    wrong = []
    for name, option in options.items():
        here = f"{path}{name}"
        if "type" not in option or "description" not in option:
            wrong.append(f"{here}: type or description missing")
        if option.get("type") == "list" and "elements" not in option:
            wrong.append(f"{here}: list without elements")
        needs = option.get("type") == "dict" or option.get("elements") == "dict"
        free = "any key" in str(option.get("description"))
        if needs and "options" not in option and not free:
            wrong.append(f"{here}: dict without options (or the words 'any key')")
        wrong += untyped(option.get("options", {}), f"{here}.")
    return wrong


@pytest.mark.parametrize("role", tree.roles(), ids=lambda p: p.name)
def test_specs_are_typed_all_the_way_down(role: Path) -> None:
    options = spec(role).get("options", {})
    assert untyped(options, "") == []
    assert [name for name in options if not name.startswith(f"{role.name}__")] == []


def test_the_typing_rule_finds_an_untyped_key() -> None:
    probe = {"a": {"type": "dict", "description": "x", "options": {"b": {"description": "y"}}}}
    assert untyped(probe, "") == ["a.b: type or description missing"]


@pytest.mark.parametrize("role", tree.roles(), ids=lambda p: p.name)
def test_names_own_their_prefix(role: Path) -> None:
    names: set[str] = set()
    for task in tasks(role):
        for holder in (task, task.get("loop_control", {})):
            names |= {holder[key] for key in ("register", "loop_var") if key in holder}
        names |= set(task.get("ansible.builtin.set_fact", {}))
        names |= set(task.get("vars", {}))
    for path in (role / "vars").glob("*.yml"):
        names |= set(load(path) or {})
    allowed = re.compile(rf"(__)?{role.name}__")
    assert sorted(name for name in names if not allowed.match(name)) == []


@pytest.mark.parametrize("role", tree.roles(), ids=lambda p: p.name)
def test_tasks_hide_no_failure_and_use_modules(role: Path) -> None:
    wrong = []
    for task in tasks(role):
        wrong += [f"{task.get('name')}: {word}" for word in TASK_WORDS & set(task)]
        if task.get("failed_when") is False:
            wrong.append(f"{task.get('name')}: failed_when: false")
    assert wrong == []
    assert len(tasks(role)) <= 40


@pytest.mark.parametrize("role", tree.roles(), ids=lambda p: p.name)
def test_no_role_names_an_inventory_group_or_wires_roles(role: Path) -> None:
    text = "".join(p.read_text() for p in role.rglob("*.y*ml"))
    assert not re.search(r"\bgroups\[|\bgroup_names\b|groups\.get\(", text)
    assert not (load(role / "meta/main.yml") or {}).get("dependencies")


def test_templates_say_who_manages_the_file() -> None:
    templates = [p for p in tree.below("roles", ".j2") if "templates" in p.parts]
    # JSON and PEM have no comments; everything else starts with the note (after a shebang).
    silent = [
        tree.short(path)
        for path in templates
        if path.suffixes[-2:-1] != [".json"]
        and not any("ansible_managed | comment" in x for x in path.read_text().splitlines()[:2])
    ]
    assert silent == []


def test_every_playbook_wires_known_roles_or_playbooks() -> None:
    names = {role.name for role in tree.roles()}
    for path in tree.below("playbooks", ".yml"):
        for play in load(path) or []:
            imported = play.get("ansible.builtin.import_playbook")
            if imported:
                assert (path.parent / imported).is_file(), f"{tree.short(path)}: {imported}"
            for entry in play.get("roles", []):
                role = entry["role"] if isinstance(entry, dict) else entry
                assert role.removeprefix("holdfast.ops.") in names, f"{tree.short(path)}: {role}"
