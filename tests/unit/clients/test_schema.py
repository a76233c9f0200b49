"""The schema for editors is the model's own, and the inventories here are valid by both."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients import load_declarations
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.schema import json_schema

from tests.unit.clients.folder import ROOT

INVENTORIES = sorted(path.parent for path in (ROOT / "inventories").glob("*/holdfast.yml"))
FILES = [
    *((path, "client") for path in sorted((ROOT / "inventories").glob("*/clients/*.yml"))),
    *((path / f"{kind}.yml", kind) for path in INVENTORIES for kind in ("plans", "provider")),
]


def test_there_are_inventories() -> None:
    assert {path.name for path in INVENTORIES} >= {"lab", "example"}


@pytest.mark.parametrize("path", INVENTORIES, ids=lambda path: path.name)
def test_an_inventory_here_is_valid(path: Path) -> None:
    fleet = load_declarations(path)
    assert fleet.clients
    assert fleet.provider is not None


@pytest.mark.parametrize(("path", "kind"), FILES, ids=[str(p.relative_to(ROOT)) for p, _ in FILES])
def test_a_file_here_is_valid_by_the_schema_and_names_it(path: Path, kind: str) -> None:
    text = path.read_text()
    jsonschema.Draft202012Validator(json_schema(kind)).validate(yaml.safe_load(text))
    line = next(line for line in text.splitlines() if "yaml-language-server" in line)
    named = (path.parent / line.rpartition("$schema=")[2]).resolve()
    assert named == ROOT / "build/docs/reference" / f"{kind}.schema.json"


@pytest.mark.parametrize("kind", ["client", "plans", "provider"])
def test_the_schema_is_closed_and_described(kind: str) -> None:
    schema = json_schema(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema
    for name, node in {"": schema, **schema["$defs"]}.items():
        if "properties" in node:
            assert node["additionalProperties"] is False, name
            assert [k for k, v in node["properties"].items() if not described(v, schema)] == []


def described(node: dict[str, Any], schema: dict[str, Any]) -> bool:
    target = schema["$defs"].get(str(node.get("$ref", "")).rsplit("/", 1)[-1], {})
    return bool(node.get("description") or target.get("description"))


@pytest.mark.parametrize(
    "change",
    [
        {"nmae": "x"},
        {"plan": 7},
        {"contacts": []},
        {"contacts": [{"name": "x", "role": "boss", "email": "a@b.example"}]},
        {"instances": {"production": {"environment": "prod"}}},
    ],
)
def test_the_schema_refuses_what_the_model_refuses(change: dict[str, Any]) -> None:
    data = yaml.safe_load((ROOT / "inventories/lab/clients/acme.yml").read_text())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**data, **change}, json_schema("client"))
