"""What a lab is and how its hosts are: facts for a person and for scripts."""

from typing import Any

from holdfast.lab import disk, reach
from holdfast.lab.host import Host
from holdfast.lab.record import each, hosts_of, recorded


def status(name: str) -> dict[str, Any]:
    """The lab's facts, for a person and for scripts.

    Raises:
        LabError: there is no such lab.
    """
    lab, own = recorded(name)
    hosts = hosts_of(lab, own)
    states = each(hosts, state)
    return {
        "name": lab.name,
        "subnet": lab.subnet,
        "bridge": lab.bridge,
        "inventory": lab.inventory,
        "ssh_config": str(own.ssh_config),
        "known_hosts": str(own.known_hosts),
        "key": str(own.key),
        "ca": str(own.ca / "ca.crt"),
        "state_dir": str(own.root),
        "limits_by": hosts[0].backend.name if hosts else "",
        "hosts": [facts(host, states[host.spec.name]) for host in hosts],
    }


def state(host: Host) -> str:
    """running, starting (no SSH yet), stopped or absent (never made)."""
    if host.running():
        return "running" if reach.banner(host.spec.address) else "starting"
    return "stopped" if (host.folder / "seeded").exists() else "absent"


def facts(host: Host, now: str) -> dict[str, Any]:
    """One host's facts."""
    spec = host.spec
    return {
        "name": spec.name,
        "address": spec.address,
        "state": now,
        "release": spec.release,
        "machine": host.machine,
        "memory_mib": spec.limits.memory_mib,
        "cpus": spec.limits.cpus,
        "pids": spec.limits.pids,
        "disk": disk.describe(host.folder, spec.limits),
        "console": str(host.folder / "console.log"),
    }
