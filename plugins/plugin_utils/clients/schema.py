# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""JSON Schema of the files, for editors, from the model that checks them."""

from __future__ import annotations

from typing import Any

from ansible_collections.holdfast.ops.plugins.plugin_utils.clients import _thirdparty
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.client import (
    ClientFile,
    ProviderFile,
)
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.plan import PlansFile

_FILES = {
    "client": (ClientFile, "Holdfast client", "clients/<key>.yml: everything known of a client."),
    "plans": (PlansFile, "Holdfast plans", "plans.yml: the contracts clients can have."),
    "provider": (ProviderFile, "Holdfast provider", "provider.yml: the provider's own hosts."),
}


def json_schema(kind: str) -> dict[str, Any]:
    """Schema of one kind of file: client, plans or provider.

    Raises:
        MissingPackageError: pydantic or netaddr is not installed.
    """
    _thirdparty.require()
    model, title, description = _FILES[kind]
    found = _plain(model.model_json_schema())
    found.update(title=title, description=description)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def _plain(node: Any) -> Any:
    """The schema without what serves our messages only and without generated titles."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    found = {}
    for key, value in node.items():
        if key == "properties":
            found[key] = {name: _plain(item) for name, item in value.items()}
        elif key != "title":
            found["description" if key == "x-meaning" else key] = _plain(value)
    if "x-meaning" in node and "description" in node:
        found["description"] = f"{node['description']} Expected: {node['x-meaning']}."
    return found
