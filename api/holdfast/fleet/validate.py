"""`holdfast validate`: the same check the inventory makes, without Ansible."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from holdfast.core.errors import HoldfastError
from holdfast.core.places import use_collection


def loader() -> Any:
    """The module of the collection that reads declarations.

    Raises:
        HoldfastError: the collection link is missing.
    """
    use_collection()
    from ansible_collections.holdfast.ops.plugins.plugin_utils import clients

    return clients


def check(directory: Path) -> tuple[bool, dict[str, Any]]:
    """(whether all is well, the report): faults, or what the declarations hold.

    Raises:
        HoldfastError: a package is missing.
    """
    clients = loader()
    try:
        fleet = clients.load_declarations(os.fspath(directory))
    except clients.DeclarationError as error:
        faults = [asdict(fault) for fault in error.faults]
        return False, {"valid": False, "directory": str(directory), "faults": faults}
    except clients.MissingPackageError as error:
        raise HoldfastError(str(error)) from error
    return True, {"valid": True, "directory": str(directory), **summary(fleet)}


def summary(fleet: Any) -> dict[str, Any]:
    """Counts of what is declared, by kind and by plan."""
    hosts = list(fleet.hosts())
    services: dict[str, int] = {}
    for host in hosts:
        for kind in host.services:
            services[kind] = services.get(kind, 0) + 1
    plans = dict.fromkeys(fleet.plans, 0)
    for client in fleet.clients.values():
        plans[client.plan] += 1
    return {
        "clients": len(fleet.clients),
        "instances": sum(len(client.instances) for client in fleet.clients.values()),
        "hosts": sum(1 for host in hosts if host.client),
        "provider_hosts": sum(1 for host in hosts if not host.client),
        "services": dict(sorted(services.items())),
        "plans": plans,
    }


def as_json(report: dict[str, Any]) -> str:
    """The report for programs."""
    return json.dumps(report, indent=2, ensure_ascii=False)


def as_text(report: dict[str, Any]) -> str:
    """The report for people: one fault a line, or the counts."""
    if not report["valid"]:
        lines = [fault_line(fault) for fault in report["faults"]]
        return "\n".join([*lines, f"{_count(len(lines), 'fault')}; nothing would be loaded"])
    services = ", ".join(f"{count} {kind}" for kind, count in report["services"].items())
    plans = ", ".join(
        f"{name} {_count(count, 'client')}" for name, count in report["plans"].items()
    )
    return "\n".join(
        [
            f"{report['directory']} is valid",
            f"  clients    {report['clients']} with {_count(report['instances'], 'instance')}",
            f"  hosts      {report['hosts']}, and {report['provider_hosts']} of the provider",
            f"  services   {services or 'none'}",
            f"  plans      {plans}",
        ]
    )


def fault_line(fault: dict[str, Any]) -> str:
    """`file:line: key: expected ..., found ...; hint`, as editors and people read it."""
    place = f"{fault['file']}:{fault['line']}" if fault["line"] else fault["file"]
    key = f" {fault['key']}:" if fault["key"] else ""
    hint = f"; {fault['hint']}" if fault["hint"] else ""
    return f"{place}:{key} expected {fault['expected']}, found {fault['found']}{hint}"


def _count(number: int, noun: str) -> str:
    """`1 fault`, `2 faults`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
