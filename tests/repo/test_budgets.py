"""Size budgets of STYLE.md rule 12. A comment `budget: <reason>` on or above the line lifts one."""

import ast
from pathlib import Path

import pytest

from tests.repo import tree

FUNCTION, MAIN, FILE, TASKS = 40, 30, 300, 100
PYTHON = [p for d in ("api", "plugins", "tools", "roles") for p in tree.below(d, ".py")]


def lifted(lines: list[str], number: int) -> bool:
    return any("budget:" in line for line in lines[max(0, number - 3) : number])


def long_functions(path: Path) -> list[str]:
    text = path.read_text()
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            length = (node.end_lineno or 0) - body[0].lineno + 2 if body else 1
            limit = MAIN if node.name == "main" else FUNCTION
            if length > limit and not lifted(text.splitlines(), node.lineno):
                found.append(f"{tree.short(path)}:{node.lineno} {node.name} {length} > {limit}")
    return found


def test_functions_are_short() -> None:
    assert PYTHON, "expected Python files, found none"
    assert [line for path in PYTHON for line in long_functions(path)] == []


def test_python_files_are_short() -> None:
    def code_lines(path: Path) -> int:
        # A module's documentation blocks are its manual page, not code.
        strings = sum(
            (node.end_lineno or 0) - node.lineno
            for node in ast.parse(path.read_text()).body
            if isinstance(node, ast.Assign)
            and getattr(node.targets[0], "id", "") in {"DOCUMENTATION", "EXAMPLES", "RETURN"}
        )
        return len(path.read_text().splitlines()) - strings

    assert [tree.short(p) for p in PYTHON if code_lines(p) > FILE] == []


def test_task_files_are_short() -> None:
    tasks = [p for p in tree.below("roles", ".yml") if "tasks" in p.parts]
    assert tasks, "expected task files, found none"
    assert [tree.short(p) for p in tasks if len(p.read_text().splitlines()) > TASKS] == []


@pytest.mark.parametrize("length", [FUNCTION + 2, FUNCTION])
def test_the_rule_itself_finds_a_long_function(tmp_path: Path, length: int) -> None:
    path = tree.ROOT / "build" / "budget_probe.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text("def f():\n" + "    x = 1\n" * (length - 1))
    try:
        assert bool(long_functions(path)) is (length > FUNCTION)
    finally:
        path.unlink()
