"""A host in a temporary directory: real files, a systemd that answers and keeps a log."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.holdfast.ops.plugins.module_utils.system.bring import bring, predict
from ansible_collections.holdfast.ops.plugins.module_utils.system.catalogue import (
    Catalogue,
    read_catalogue,
)
from ansible_collections.holdfast.ops.plugins.module_utils.system.change import Change
from ansible_collections.holdfast.ops.plugins.module_utils.system.host import Host, Places
from ansible_collections.holdfast.ops.plugins.module_utils.system.spec import argument_spec

LOADED = {"LoadState": "loaded", "ActiveState": "inactive", "SubState": "dead"}
LOADED |= {"UnitFileState": "disabled", "Type": "simple", "Result": "success"}
LOADED |= {"ConditionResult": "yes", "NeedDaemonReload": "no", "Triggers": ""}
ABSENT = LOADED | {"LoadState": "not-found", "UnitFileState": ""}
ME = {"owner": str(os.getuid()), "group": str(os.getgid())}


@dataclass
class Systemd:
    """Units by name; what systemctl was asked to do, show left out."""

    units: dict[str, dict[str, str]] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    dies: set[str] = field(default_factory=set)

    def add(self, name: str, active: str = "active", enabled: str = "enabled", **more: str) -> None:
        self.units[name] = LOADED | {"ActiveState": active, "UnitFileState": enabled} | more

    def systemctl(self, arguments: list[str]) -> tuple[int, str, str]:
        action = arguments[0]
        names = arguments[arguments.index("--") + 1 :] if "--" in arguments else []
        if action == "show":
            blocks = [self.units.get(name, ABSENT) for name in names]
            texts = ["".join(f"{key}={value}\n" for key, value in b.items()) for b in blocks]
            return 0, "\n".join(texts), ""
        self.log.append(" ".join([action, *names]))
        for name in names:
            self._act(action, self.units.setdefault(name, dict(LOADED)), name)
        wrong = self.refuses & set(names)
        return (1, "", f"Job for {', '.join(wrong)} failed.") if wrong else (0, "", "")

    def _act(self, action: str, unit: dict[str, str], name: str) -> None:
        if action in ("start", "restart", "reload-or-restart"):
            failed = name in self.dies | self.refuses
            unit["ActiveState"] = "failed" if failed else "active"
        elif action == "stop":
            unit["ActiveState"] = "inactive"
        elif action in ("enable", "disable", "mask"):
            unit["UnitFileState"] = {"mask": "masked"}.get(action, action + "d")
        elif action == "unmask":
            unit["UnitFileState"] = "disabled"


@dataclass
class Module:
    """What Host needs of AnsibleModule; systemctl is the fake one, other commands are real."""

    systemd: Systemd
    commands: list[list[str]] = field(default_factory=list)
    before_command: Callable[[list[str]], None] = lambda command: None

    def run_command(self, command: list[str], handle_exceptions: bool) -> tuple[int, str, str]:
        assert handle_exceptions is False
        self.before_command(command)
        self.commands.append(command)
        if command[0] == "systemctl":
            return self.systemd.systemctl(command[1:])
        if command[0] == "journalctl":
            return 0, "last words\n", ""
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def atomic_move(self, source: str, target: str, keep_dest_attrs: bool) -> None:
        assert keep_dest_attrs is False
        Path(source).replace(target)

    def set_fs_attributes_if_different(self, wanted: dict[str, Any], changed: bool) -> bool:
        Path(wanted["path"]).chmod(int(wanted["mode"], 8))
        return True


@dataclass
class Machine:
    """The host under test, and short ways to bring it to a catalogue."""

    root: Path
    systemd: Systemd
    module: Module
    host: Host
    told: list[Change] = field(default_factory=list)

    def path(self, name: str) -> str:
        return str(self.root / name)

    def file(self, name: str, content: str = "", **more: Any) -> dict[str, Any]:
        return {"path": self.path(name), "content": content, "mode": "0644"} | ME | more

    def catalogue(self, **params: Any) -> Catalogue:
        checked = ArgumentSpecValidator(argument_spec()).validate({"name": "probe"} | params)
        assert checked.error_messages == []
        return read_catalogue(checked.validated_parameters, self.host.places.sysctl)

    def bring(self, **params: Any) -> list[str]:
        """The steps taken, as "kind name action", names below the root shortened."""
        self.told.clear()
        return self.short(bring(self.catalogue(**params), self.host, self.told.append).changes)

    def predict(self, **params: Any) -> list[str]:
        return self.short(predict(self.catalogue(**params), self.host).changes)

    def short(self, changes: Any) -> list[str]:
        return [f"{c.kind} {c.name.replace(f'{self.root}/', '')} {c.action}" for c in changes]

    def tree(self) -> dict[str, Any]:
        """Everything below the root, to see that nothing changed."""
        return {
            str(path): (path.lstat().st_mode, path.read_bytes() if path.is_file() else None)
            for path in sorted(self.root.rglob("*"))
        }


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    root = tmp_path / "root"
    kernel = tmp_path / "kernel"
    root.mkdir()
    kernel.mkdir()
    (tmp_path / "status").write_text("Package: chrony\nStatus: install ok installed\n\n")
    places = Places(
        records=str(tmp_path / "records"),
        dpkg_status=str(tmp_path / "status"),
        kernel=str(kernel),
        sysctl=str(root),
    )
    systemd = Systemd()
    module = Module(systemd)
    return Machine(root, systemd, module, Host(module, places, pause=0, patience=0))
