# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A fleet as Ansible sees it: groups within groups, variables where they are shared.

    all                      holdfast_provider_*
      ring_<x> > plan_<x>    the contract
        client_<x>           the client, its contacts and time zone
          instance_<c>_<i>   environment, url, its hosts
            the hosts        address, services, your own vars
      environment_<x> > instance_<c>_<i>
      service_<kind> > the hosts
      provider > its hosts

A value that many hosts share is set once, on the group. It has the precedence of an
inventory's group variables there; a host's own values and `vars` are host variables.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.client import (
    ClientFile,
    Instance,
)
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.fleet import Fleet
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.service import DEFAULTS, KINDS

Variables = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class GroupEntry:
    """A group: its parents (which came before it) and its variables."""

    name: str
    parents: tuple[str, ...]
    variables: Variables


@dataclasses.dataclass(frozen=True)
class HostEntry:
    """A host: its groups and its own variables."""

    name: str
    groups: tuple[str, ...]
    variables: Variables


def group_name(*parts: str) -> str:
    """`instance_acme_production`: keys with underscores for hyphens, which groups cannot have."""
    return "_".join(parts).replace("-", "_")


def groups(fleet: Fleet) -> Iterator[GroupEntry]:
    """Every group, parents first; groups of services and the provider's exist even when empty."""
    yield GroupEntry("all", (), _provider_variables(fleet))
    for name in ("provider", *(group_name("service", kind) for kind in KINDS)):
        yield GroupEntry(name, ("all",), {})
    for ring in sorted({plan.patch.ring for plan in fleet.plans.values()}):
        yield GroupEntry(group_name("ring", ring), ("all",), {})
    for key, plan in fleet.plans.items():
        ring = group_name("ring", plan.patch.ring)
        terms = plan.model_dump(exclude_none=True)
        variables = {"holdfast_plan": key, "holdfast_plan_terms": terms}
        yield GroupEntry(group_name("plan", key), (ring,), variables)
    instances = [i for client in fleet.clients.values() for i in client.instances.values()]
    for environment in sorted({instance.environment for instance in instances}):
        yield GroupEntry(group_name("environment", environment), ("all",), {})
    for key, client in fleet.clients.items():
        yield from _client_groups(key, client)


def hosts(fleet: Fleet) -> Iterator[HostEntry]:
    """Every host with the groups it stands in itself."""
    if fleet.provider is not None:
        for name, host in fleet.provider.hosts.items():
            variables = {"ansible_host": host.address, "holdfast_timezone": fleet.provider.timezone}
            variables.update(holdfast_services=[], holdfast_service_names=[])
            yield HostEntry(name, ("provider",), variables)
    service_groups = {kind: group_name("service", kind) for kind in KINDS}
    for key, client in fleet.clients.items():
        for instance_key, instance in client.instances.items():
            group = group_name("instance", key, instance_key)
            settings = services(instance)
            for name, host in instance.hosts.items():
                kinds = [kind for kind in KINDS if kind in host.services]
                variables = {
                    **instance.vars,
                    "ansible_host": host.address,
                    "holdfast_services": [settings[kind] for kind in kinds],
                    "holdfast_service_names": kinds,
                }
                yield HostEntry(name, (group, *(service_groups[k] for k in kinds)), variables)


def services(instance: Instance) -> dict[str, Variables]:
    """Settings of the instance's services by kind, defaults filled in, nothing that is unset."""
    found = {}
    for kind in KINDS:
        service = getattr(instance.services, kind)
        if service is None:
            if kind not in DEFAULTS:
                continue
            service = DEFAULTS[kind]()
        settings = {"name": kind, **service.model_dump(exclude_none=True)}
        if kind == "proxy":
            settings.setdefault("server_name", urlsplit(instance.url).hostname)
        found[kind] = settings
    return found


def _provider_variables(fleet: Fleet) -> Variables:
    """Who may scrape and administrate: known on every host."""
    provider_hosts = fleet.provider.hosts if fleet.provider is not None else {}
    return {
        "holdfast_provider_hosts": {n: host.model_dump() for n, host in provider_hosts.items()},
        "holdfast_provider_addresses": [host.address for host in provider_hosts.values()],
    }


def _client_groups(key: str, client: ClientFile) -> Iterator[GroupEntry]:
    """A client's group and those of its instances."""
    own = group_name("client", key)
    variables: Variables = {
        "holdfast_client": key,
        "holdfast_client_name": client.name,
        "holdfast_timezone": client.timezone,
        "holdfast_contacts": [c.model_dump(exclude_none=True) for c in client.contacts],
    }
    yield GroupEntry(own, (group_name("plan", client.plan),), variables)
    for instance_key, instance in client.instances.items():
        variables = {
            "holdfast_instance": group_name(key, instance_key),
            "holdfast_instance_name": instance_key,
            "holdfast_environment": instance.environment,
            "holdfast_url": instance.url,
            "holdfast_instance_hosts": {n: h.model_dump() for n, h in instance.hosts.items()},
        }
        parents = (own, group_name("environment", instance.environment))
        yield GroupEntry(group_name("instance", key, instance_key), parents, variables)
