"""Writes a fleet of a given size: as our declarations, as one static YAML inventory, as a script.

The static file and the script's JSON have the same hosts, groups and variables, and set shared
variables on groups as a careful person would, so that the comparison is with the best static
file, not the worst.

    generate.py DIRECTORY HOSTS
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "collections"))

PLANS = (ROOT / "inventories/lab/plans.yml").read_text()
ROLES = (
    ("db1", "[database]"),
    ("db2", "[database]"),
    ("app1", "[backend]"),
    ("web1", "[backend, frontend, proxy]"),
    ("web2", "[backend, frontend, proxy]"),
)
ZONES = ("Europe/Berlin", "Europe/London", "America/New_York", "Asia/Tokyo")
PROVIDER = """---
provider:
  name: Bench Operations
  hosts:
    ops1: {address: 10.255.0.1, services: []}
    ops2: {address: 10.255.0.2, services: []}
"""


def client_text(number: int) -> str:
    """The file of one client of five hosts, written as a person writes it."""
    key = f"client{number:05d}"
    lines = [
        "---",
        f"client: {key}",
        f"name: Client {number} Trading GmbH",
        f"plan: {'gold' if number % 3 == 0 else 'silver'}",
        f"timezone: {ZONES[number % len(ZONES)]}",
        "contacts:",
        (
            f'  - {{name: Operations, email: ops@{key}.example, phone: "+49 30 55{number:05d}", '
            "role: technical}"
        ),
        f"  - {{name: Office, email: office@{key}.example, role: business}}",
        "instances:",
        "  production:",
        "    environment: production",
        f"    url: https://shop.{key}.example/",
        "    hosts:",
    ]
    for index, (role, services) in enumerate(ROLES):
        value = number * len(ROLES) + index
        address = f"10.{value >> 16}.{value >> 8 & 255}.{value & 255}"
        lines.append(f"      {key}-{role}: {{address: {address}, services: {services}}}")
    lines += [
        "    services:",
        (
            "      backend: {unit: shop-backend.service, port: 8000, health: /health, "
            "metrics: /metrics}"
        ),
        "    vars: {shop_workers: 4}",
        "",
    ]
    return "\n".join(lines)


def write_declarations(folder: Path, clients: int) -> None:
    """holdfast.yml, plans.yml, provider.yml and clients/*.yml."""
    (folder / "clients").mkdir(parents=True, exist_ok=True)
    (folder / "holdfast.yml").write_text("---\nplugin: holdfast.ops.clients\n")
    (folder / "plans.yml").write_text(PLANS)
    (folder / "provider.yml").write_text(PROVIDER)
    for number in range(1, clients + 1):
        (folder / "clients" / f"client{number:05d}.yml").write_text(client_text(number))


def static_tree(folder: Path) -> dict[str, Any]:
    """The same fleet in the shape of Ansible's own yaml plugin."""
    from ansible_collections.holdfast.ops.plugins.plugin_utils.clients import (
        load_declarations,
        variables,
    )

    fleet = load_declarations(folder)
    top: dict[str, Any] = {}
    for group in variables.groups(fleet):
        entry = top.setdefault(group.name, {})
        if group.variables:
            entry["vars"] = group.variables
        for parent in group.parents:
            if parent != "all":
                top[parent].setdefault("children", {})[group.name] = None
    for host in variables.hosts(fleet):
        first, *rest = host.groups
        top[first].setdefault("hosts", {})[host.name] = host.variables
        for name in rest:
            top[name].setdefault("hosts", {})[host.name] = None
    return top


class _Dumper(yaml.CSafeDumper):
    """Without anchors: a static inventory written by people has none."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def script_json(tree: dict[str, Any]) -> dict[str, Any]:
    """The static tree in the shape of a script's `--list`."""
    hostvars: dict[str, Any] = {}
    said: dict[str, Any] = {"_meta": {"hostvars": hostvars}}
    for name, entry in tree.items():
        said[name] = {key: list(entry[key]) for key in ("hosts", "children") if key in entry}
        if "vars" in entry:
            said[name]["vars"] = entry["vars"]
        hostvars.update({n: v for n, v in entry.get("hosts", {}).items() if v is not None})
    return said


def write(folder: Path, hosts: int) -> dict[str, Path]:
    """Write all forms below the folder; their paths by the plugin that reads them."""
    ours, static, script = folder / "declarations", folder / "static.yml", folder / "script.sh"
    write_declarations(ours, hosts // len(ROLES))
    tree = static_tree(ours)
    with static.open("w") as out:
        yaml.dump(tree, out, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
    (folder / "ready.json").write_text(json.dumps(script_json(tree)))
    script.write_text('#!/bin/bash\nset -euo pipefail\nexec cat "$(dirname "$0")/ready.json"\n')
    script.chmod(0o755)
    return {"clients": ours / "holdfast.yml", "yaml": static, "script": script}


def main() -> int:
    """Write a fleet; says where."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("hosts", type=int)
    asked = parser.parse_args()
    for path in write(asked.directory, asked.hosts).values():
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
