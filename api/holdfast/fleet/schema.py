"""`holdfast schema`: JSON Schema of the declarations, generated from the model that checks them."""

from typing import Any

from holdfast.fleet.validate import loader

KINDS = ("client", "plans", "provider")


def schema(kind: str) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one kind of file.

    Raises:
        HoldfastError: the collection link or a package is missing.
    """
    loader()
    from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.schema import json_schema

    found: dict[str, Any] = json_schema(kind)
    return found
