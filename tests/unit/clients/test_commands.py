"""`holdfast validate` and `holdfast schema`."""

import json

import pytest
from click.testing import CliRunner, Result
from holdfast.fleet.cli import COMMANDS

from tests.unit.clients.folder import Folder

BY_NAME = {command.name: command for command in COMMANDS}


def call(name: str, *options: str) -> Result:
    return CliRunner().invoke(BY_NAME[name], list(options))


def test_a_valid_folder_has_a_summary(folder: Folder) -> None:
    done = call("validate", str(folder.path))
    assert done.exit_code == 0
    assert "2 with 2 instances" in done.output
    assert "gold 1 client, silver 1 client" in done.output


def test_the_summary_for_programs(folder: Folder) -> None:
    done = call("validate", str(folder.path), "--format", "json")
    assert done.exit_code == 0
    assert json.loads(done.output) == {
        "valid": True,
        "directory": str(folder.path),
        "clients": 2,
        "instances": 2,
        "hosts": 3,
        "provider_hosts": 1,
        "services": {"backend": 2, "database": 2, "frontend": 2, "proxy": 2},
        "plans": {"gold": 1, "silver": 1},
    }


def test_faults_one_a_line(folder: Folder) -> None:
    folder.change("clients/acme.yml", "plan: gold", "plan: gould")
    folder.change("clients/globex.yml", "Europe/London", "Europe/Londn")
    done = call("validate", str(folder.path))
    assert done.exit_code == 1
    first, second, last = done.output.splitlines()
    assert first == (
        f"{folder.path}/clients/acme.yml:3: plan: expected one of the plans gold, silver, "
        'found "gould"; did you mean "gold"?'
    )
    assert second.startswith(f"{folder.path}/clients/globex.yml:4: timezone: expected")
    assert last == "2 faults; nothing would be loaded"


def test_faults_for_programs(folder: Folder) -> None:
    folder.change("clients/acme.yml", "plan: gold", "plan: gould")
    done = call("validate", str(folder.path), "--format", "json")
    assert done.exit_code == 1
    report = json.loads(done.output)
    assert report["valid"] is False
    assert report["faults"] == [
        {
            "file": f"{folder.path}/clients/acme.yml",
            "line": 3,
            "key": "plan",
            "expected": "one of the plans gold, silver",
            "found": '"gould"',
            "hint": 'did you mean "gold"?',
        }
    ]


def test_the_entry_itself_may_be_named(folder: Folder) -> None:
    assert call("validate", str(folder.path / "holdfast.yml")).exit_code == 0


def test_a_folder_that_is_none(folder: Folder) -> None:
    done = call("validate", str(folder.path / "nowhere"))
    assert done.exit_code == 1
    assert "no such file or directory" in done.output


@pytest.mark.parametrize("kind", ["client", "plans", "provider"])
def test_the_schema_is_printed(kind: str) -> None:
    done = call("schema", kind)
    assert done.exit_code == 0
    assert json.loads(done.output)["$schema"].endswith("2020-12/schema")
