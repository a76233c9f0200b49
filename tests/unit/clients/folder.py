"""A small fleet in a folder that a test can spoil."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients import (
    DeclarationError,
    Fault,
    Fleet,
    load_declarations,
)

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent

ACME = """\
client: acme
name: Acme Trading GmbH
plan: gold
timezone: Europe/Berlin
contacts:
  - {name: Operations, email: ops@acme.example, phone: "+49 30 5550100", role: technical}
instances:
  production:
    environment: production
    url: https://shop.acme.example/
    hosts:
      acme-db1: {address: 198.18.0.11, services: [database]}
      acme-web1: {address: 198.18.0.12, services: [backend, frontend, proxy]}
    services:
      backend: {unit: shop-backend.service, port: 8000, health: /health, metrics: /metrics}
    vars: {}
"""
GLOBEX = """\
client: globex
name: Globex Corporation Ltd
plan: silver
timezone: Europe/London
contacts:
  - {name: Service Desk, email: desk@globex.example, role: technical}
instances:
  production:
    environment: production
    url: https://store.globex.example/
    hosts:
      globex-1: {address: 198.18.0.21, services: [database, backend, frontend, proxy]}
    services:
      backend: {unit: shop-backend.service, port: 8000}
"""
PROVIDER = """\
provider:
  name: Lab Operations
  hosts:
    ops1: {address: 198.18.0.10, services: []}
"""


class Folder:
    """An inventory folder: acme on gold, globex on silver, one host of the provider."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "clients").mkdir(parents=True)
        self.write("holdfast.yml", "plugin: holdfast.ops.clients\n")
        self.write("provider.yml", PROVIDER)
        self.write("clients/acme.yml", ACME)
        self.write("clients/globex.yml", GLOBEX)
        shutil.copy(ROOT / "inventories/lab/plans.yml", path / "plans.yml")

    def write(self, name: str, text: str) -> None:
        (self.path / name).write_text(text)

    def change(self, name: str, old: str, new: str) -> None:
        """Replace a piece of a file that stands there once."""
        text = (self.path / name).read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        self.write(name, text.replace(old, new))

    def load(self) -> Fleet:
        return load_declarations(self.path)

    def faults(self) -> list[Fault]:
        """What is wrong, with files named from the folder."""
        with pytest.raises(DeclarationError) as caught:
            self.load()
        prefix = f"{self.path}{os.sep}"
        assert all(fault.file.startswith(prefix) for fault in caught.value.faults)
        return [
            Fault(f.file.removeprefix(prefix), f.line, f.key, f.expected, f.found, f.hint)
            for f in caught.value.faults
        ]

    def fault(self) -> Fault:
        """The only thing that is wrong."""
        found = self.faults()
        assert len(found) == 1, "\n".join(map(str, found))
        return found[0]

    def run(self, command: str, *options: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run one of Ansible's commands with the plugin alone, from the folder."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ANSIBLE_")}
        environment.update(
            ANSIBLE_COLLECTIONS_PATH=str(ROOT / "collections"),
            ANSIBLE_INVENTORY_ENABLED="holdfast.ops.clients,yaml,ini",
            ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="1",
            ANSIBLE_NOCOLOR="1",
        )
        environment.update(env)
        return subprocess.run(
            [str(BIN / command), *options],
            cwd=self.path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
