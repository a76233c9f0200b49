# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Client declarations: read, checked, turned into hosts, groups and variables.

fleet = load_declarations("inventories/lab")
for host in fleet.hosts():
    print(host.name, host.address, host.services)
"""

from __future__ import annotations

from ansible_collections.holdfast.ops.plugins.plugin_utils.clients._thirdparty import (
    MissingPackageError,
)
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.faults import (
    DeclarationError,
    Fault,
)
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.fleet import (
    Fleet,
    FleetHost,
    load_declarations,
)

__all__ = [
    "DeclarationError",
    "Fault",
    "Fleet",
    "FleetHost",
    "MissingPackageError",
    "load_declarations",
]
