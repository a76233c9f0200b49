# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: clients
short_description: One YAML file a client becomes hosts, groups and variables
version_added: "0.1.0"
author:
  - The Holdfast developers (@holdfast-ops)
description:
  - Reads V(plans.yml), V(provider.yml) and V(clients/*.yml) beside V(holdfast.yml) and gives
    Ansible the hosts, groups and variables that follow from them.
  - Everything is typed. If anything is wrong in any file, no host is added and one error lists
    every fault with its file, line, key, what was expected, what was found and the nearest valid
    spelling.
  - Values are data. A C({{ ... }}) in a name, a URL or a variable is printed as it stands and
    never rendered, because no text that could be a template is trusted as one.
  - C(holdfast schema client), C(holdfast schema plans) and C(holdfast schema provider) print the
    JSON Schema of the files for editors, C(holdfast validate DIRECTORY) checks them without
    Ansible.
notes:
  - Give Ansible the directory or its V(holdfast.yml). With a directory, this plugin has to stand
    before the C(yaml) plugin in C(enable_plugins), for it claims the files beside
    V(holdfast.yml).
  - Groups are C(client_<key>), C(instance_<client>_<instance>), C(service_<kind>),
    C(plan_<key>), C(environment_<name>), C(ring_<name>) and C(provider). Hyphens of keys become
    underscores.
  - Values shared by hosts are variables of these groups, with the precedence of inventory group
    variables. A host's address, services and the C(vars) of its instance are host variables.
  - Connection settings (C(ansible_user) and the like) belong in V(group_vars).
requirements:
  - pydantic >= 2.10
  - netaddr
options:
  plugin:
    description: Token that says this file belongs to this plugin.
    type: str
    required: true
    choices: [holdfast.ops.clients]
"""

EXAMPLES = r"""
# inventories/production/holdfast.yml
plugin: holdfast.ops.clients

# inventories/production/clients/acme.yml
# client: acme
# name: Acme Trading GmbH
# plan: gold
# timezone: Europe/Berlin
# contacts:
#   - {name: Operations, email: ops@acme.example, phone: "+49 30 5550100", role: technical}
# instances:
#   production:
#     environment: production
#     url: https://shop.acme.example/
#     hosts:
#       acme-db1: {address: 192.0.2.11, services: [database]}
#       acme-web1: {address: 192.0.2.12, services: [backend, frontend, proxy]}
#     services:
#       backend: {unit: shop-backend.service, port: 8000, health: /health, metrics: /metrics}
#     vars: {}
"""

import os

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin
from ansible.template import trust_as_template
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients import (
    DeclarationError,
    MissingPackageError,
    load_declarations,
)
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.fleet import (
    BESIDE,
    CLIENTS,
    ENTRY,
)
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.values import converter
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.variables import groups, hosts


class InventoryModule(BaseInventoryPlugin):
    """Client declarations as an inventory."""

    NAME = "holdfast.ops.clients"

    # Declarations come from many hands: no value of theirs is ever a template (see values.py).
    trusted_by_default = False

    def verify_file(self, path):
        """Whether the file is an entry or one of the files read through it."""
        return super().verify_file(path) and (
            os.path.basename(path) == ENTRY or _belongs_to_entry(path)
        )

    def parse(self, inventory, loader, path, cache=True):
        """Add the whole fleet, or nothing.

        Raises:
            AnsibleParserError: lists every fault.
        """
        super().parse(inventory, loader, path, cache)
        if os.path.basename(path) != ENTRY:
            return  # read with holdfast.yml, which Ansible offers as well
        try:
            fleet = load_declarations(path)
        except (DeclarationError, MissingPackageError) as error:
            raise AnsibleParserError(str(error)) from error
        self._add(fleet)

    def _add(self, fleet):
        """Groups before hosts: a group that holds no host yet is cheap to place."""
        inventory, convert = self.inventory, converter(trust_as_template)
        for group in groups(fleet):
            inventory.add_group(group.name)
            for parent in group.parents:
                inventory.add_child(parent, group.name)
            _set(inventory.groups[group.name], convert(group.variables))
        for host in hosts(fleet):
            for group in host.groups:
                inventory.add_host(host.name, group)
            _set(inventory.get_host(host.name), convert(host.variables))


def _set(entity, variables):
    """Set a group's or host's variables.

    Past the inventory's own set_variable, which copies each value and tags each piece with the
    name of the source: half of the time and memory at 10,000 hosts, for nothing that helps here.
    """
    for name, value in variables.items():
        entity.set_variable(name, value)


def _belongs_to_entry(path):
    """Whether the file is clients/x.yml or one of `BESIDE` in the folder of a holdfast.yml."""
    folder, name = os.path.split(os.path.abspath(path))
    if os.path.basename(folder) == CLIENTS and name.endswith(".yml"):
        folder = os.path.dirname(folder)
    elif name not in BESIDE:
        return False
    return os.path.isfile(os.path.join(folder, ENTRY))
