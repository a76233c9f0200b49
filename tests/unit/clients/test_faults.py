"""Each kind of fault in one file: where it is, what was expected, what was found, what to do."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.clients.folder import ACME, Folder

CLIENT = [
    # old text, new text, line, key, expected, found, hint
    ("name: Acme Trading GmbH", "name: yes", 2, "name", "text", "the boolean true", "in quotes"),
    ("name: Acme Trading GmbH", "name:", 2, "name", "text", "nothing", ""),
    ("name: Acme Trading GmbH\n", "", 1, "name", 'the key "name"', "none", ""),
    ("GmbH", "GmbH\nnotes: x", 3, "notes", "one of the keys client,", '"notes"', ""),
    ("timezone:", "time_zone:", 4, "time_zone", "one of the keys", '"time_zone"', '"timezone"'),
    ("Europe/Berlin", "Europe/Berlni", 4, "timezone", "IANA", '"Europe/Berlni"', "Europe/Berlin"),
    ("Europe/Berlin", "../Berlin", 4, "timezone", "IANA", '"../Berlin"', ""),
    ("plan: gold", "plan: glod", 3, "plan", "plans gold, silver", '"glod"', '"gold"'),
    ("plan: gold", "plan: [gold]", 3, "plan", "text", "a list of 1", ""),
    ("ops@acme.example", "ops.acme", 6, "contacts[0].email", "e-mail", '"ops.acme"', ""),
    ('"+49 30 5550100"', "+49305550100", 6, "contacts[0].phone", "text", "number 49", "quotes"),
    ('"+49 30 5550100"', '"030/5550100"', 6, "contacts[0].phone", "telephone", '"030/', ""),
    ("role: technical", "role: tecnical", 6, "contacts[0].role", "one of", '"tec', '"technical"'),
    ("https://shop", "ftp://shop", 10, "instances.production.url", "the web", '"ftp:', ""),
    ("https://shop", "https://u:p@shop", 10, "instances.production.url", "user name", '"h', ""),
    (
        "environment: production",
        "environment: prodution",
        9,
        "instances.production.environment",
        "production, staging",
        '"prodution"',
        '"production"',
    ),
    (
        "{address: 198.18.0.11, services: [database]}",
        "198.18.0.11",
        12,
        "instances.production.hosts.acme-db1",
        "a mapping",
        '"198.18.0.11"',
        "",
    ),
    (
        "[database]",
        "[databse]",
        12,
        "instances.production.hosts.acme-db1.services[0]",
        "database, backend",
        '"databse"',
        '"database"',
    ),
    (
        "acme-db1:",
        "Acme_db1:",
        12,
        "instances.production.hosts.Acme_db1",
        "host name",
        '"Acme_db1"',
        "",
    ),
    (
        "8000",
        '"8000"',
        15,
        "instances.production.services.backend.port",
        "a whole number",
        '"8000"',
        "without quotes",
    ),
    (
        "8000",
        "80000",
        15,
        "instances.production.services.backend.port",
        "at most 65535",
        "the number 80000",
        "",
    ),
    (
        "health: /health",
        "health: health",
        15,
        "instances.production.services.backend.health",
        "a slash",
        '"health"',
        "",
    ),
    (
        "shop-backend.service",
        "shop-backend",
        15,
        "instances.production.services.backend.unit",
        "systemd unit",
        '"shop-backend"',
        "",
    ),
    ("vars: {}", "vars: {ansible_user: root}", 16, "ansible_user", "of your own", '"ansible', ""),
    ("vars: {}", "vars: {holdfast_plan: x}", 16, "holdfast_plan", "of your own", '"holdf', ""),
    ("vars: {}", "vars: {Ansible_User: x}", 16, "Ansible_User", "of your own", '"Ansible', ""),
    ("vars: {}", "vars: {hostvars: x}", 16, "hostvars", "of your own", '"hostvars"', ""),
    ("vars: {}", "vars: {a-b: x}", 16, "vars.a-b", "a variable name", '"a-b"', ""),
    ("vars: {}", "vars: {day: 2024-01-01}", 16, "vars.day", "in quotes", "a date", ""),
    ("vars: {}", "vars: {x: [1, .inf]}", 16, "vars.x", "finite numbers", "a list of 2", ""),
    ("client: acme", "client: acme\nclient: acme", 2, "client", "once", 'second "client"', ""),
    ("vars: {}", "vars: {a: 1, a: 2}", 16, "vars.a", "once", 'a second "a"', "remove one"),
    ("vars: {}", "vars: {on: 1}", 16, "vars", "keys of text", "the boolean true", "quotes"),
    ("vars: {}", "vars: {a: {8: 1}}", 16, "vars.a", "keys of text", "the number 8", "quotes"),
    ("vars: {}", "vars: {a: &x 1}", 16, "vars.a", "plain YAML", "anchor or alias x", ""),
    ("vars: {}", "vars: {a: !unsafe b}", 16, "vars.a", "plain YAML", "the tag !unsafe", ""),
    ("vars: {}", "vars: {a: !vault b}", 16, "vars.a", "plain YAML", "!vault", "ansible-vault"),
    ("vars: {}", "vars: {a: b", 17, "", "valid YAML", "a syntax error", ""),
    ("vars: {}", "vars: {}\n---\nclient: x", 17, "", "one document", "a second one", "---"),
]


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "expected", "found", "hint"),
    CLIENT,
    ids=[f"{number}-{case[3] or 'file'}" for number, case in enumerate(CLIENT)],
)
def test_a_fault_in_a_client_file(
    folder: Folder, old: str, new: str, line: int, key: str, expected: str, found: str, hint: str
) -> None:
    folder.write("clients/acme.yml", ACME.replace(old, new, 1))
    fault = folder.fault()
    assert (fault.file, fault.line) == ("clients/acme.yml", line)
    assert fault.key.endswith(key)
    assert bool(fault.key) == bool(key)
    assert expected in fault.expected
    assert found in fault.found
    assert hint in fault.hint


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "expected", "found"),
    [
        ('start: "02:00"', "start: 22:00", 28, "gold.patch.window.start", "text", "written 22:00"),
        ('start: "02:00"', 'start: "24:00"', 28, "gold.patch.window.start", "a time", '"24:00"'),
        ("ring: standard", "ring: standart", 27, "gold.patch.ring", "canary, early", '"standart"'),
        ("_percent: 99.9\n", "_percent: 100\n", 9, "gold", "below 100", "100"),
        ("t: 99.9\n", 't: "99.9"\n', 9, "plans.gold.availability_percent", "a number", '"99.9"'),
        ("rpo_seconds: 300 ", "rpo_seconds: 300.5 ", 23, "rpo_seconds", "whole number", "300.5"),
        ("coverage: 24x7", "coverage: windows", 11, "support.hours", "windows by weekday", "{"),
        ("resolution_minutes: 240}", "resolution_minutes: 5}", 13, "critical", "not shorter", "{"),
        (
            "high: {first_response_minutes: 60,",
            "high: {first_response_minutes: 5,",
            10,
            "gold.support",
            "no faster",
            "{",
        ),
    ],
)
def test_a_fault_in_the_plans(
    folder: Folder, old: str, new: str, line: int, key: str, expected: str, found: str
) -> None:
    text = (folder.path / "plans.yml").read_text()
    folder.write("plans.yml", text.replace(old, new, 1))
    fault = folder.fault()
    assert fault.file == "plans.yml"
    assert text.splitlines()[fault.line - 1].strip()
    assert abs(fault.line - line) <= 1, fault
    assert key in fault.key
    assert expected in fault.expected
    assert found in fault.found


def test_a_misspelt_required_key_is_one_fault(folder: Folder) -> None:
    folder.change("plans.yml", "rpo_seconds: 300 ", "rpo_second: 300 ")
    fault = folder.fault()
    assert fault.key == "plans.gold.backup.rpo_second"
    assert fault.hint == 'did you mean "rpo_seconds"?'


def test_files_that_cannot_be_read(folder: Folder) -> None:
    (folder.path / "clients/latin.yml").write_bytes(b"client: latin\nname: M\xfcller\n")
    folder.write("clients/empty.yml", "# nothing\n")
    folder.write("clients/list.yml", "- a\n")
    folder.write("clients/text.yml", "acme\n")
    folder.write("clients/deep.yml", "client: " + "[" * 200 + "]" * 200)
    folder.write("clients/notes.txt", "x")
    (folder.path / "clients/old").mkdir()
    (folder.path / "clients/gone.yml").symlink_to("nowhere.yml")
    folder.write("clients/.hidden.yml", "x: ]")
    folder.write("clients/acme.yml~", "x: ]")
    found = {(f.file.removeprefix("clients/"), f.line): f for f in folder.faults()}
    assert {name for name, _ in found} == {
        *("latin.yml", "empty.yml", "list.yml", "text.yml", "deep.yml", "notes.txt", "old"),
        "gone.yml",
    }
    assert found["latin.yml", 2].found == "the byte 0xfc"
    assert found["empty.yml", 1].found == "an empty file"
    assert found["list.yml", 1].expected == "a mapping"
    assert "levels" in found["deep.yml", 1].expected
    assert found["old", 0].found == "a folder"


@pytest.mark.parametrize("name", ["plans.yml", "holdfast.yml"])
def test_a_file_that_is_missing(folder: Folder, name: str) -> None:
    (folder.path / name).unlink()
    fault = folder.fault()
    assert (fault.file, fault.found) == (name, "no such file or directory")


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_not_opened(folder: Folder, make: Callable[[Path], None]) -> None:
    (folder.path / "provider.yml").unlink()
    make(folder.path / "provider.yml")
    fault = folder.fault()
    assert (fault.file, fault.expected) == ("provider.yml", "a plain file")


def test_a_folder_that_is_none(folder: Folder) -> None:
    folder.path = folder.path / "elsewhere"
    assert {fault.file for fault in folder.faults()} == {"holdfast.yml", "plans.yml", "clients"}


@pytest.mark.parametrize(
    ("text", "line", "key", "expected"),
    [
        ("plugin: holdfast.ops.client\n", 1, "plugin", '"holdfast.ops.clients"'),
        ("plugin: holdfast.ops.clients\n\nclients: x\n", 3, "clients", "the key plugin alone"),
        ("---\n", 1, "", "a mapping"),
    ],
)
def test_the_entry_names_the_plugin_and_nothing_else(
    folder: Folder, text: str, line: int, key: str, expected: str
) -> None:
    folder.write("holdfast.yml", text)
    fault = folder.fault()
    assert (fault.file, fault.line, fault.key) == ("holdfast.yml", line, key)
    assert fault.expected == expected


def test_a_very_large_file_is_refused_unread(folder: Folder) -> None:
    folder.write("clients/acme.yml", ACME + "#" * 1_100_000)
    assert folder.fault().found == "a larger file"


def test_the_message_is_one_line_a_fault(folder: Folder) -> None:
    folder.change("clients/acme.yml", "plan: gold", 'plan: "go\\nld\\u202e"')
    assert "\n" not in str(folder.fault())
    assert "\\u202e" in str(folder.fault())
