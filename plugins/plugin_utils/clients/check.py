# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One file against its model: what pydantic finds, in the words and at the line of the file."""

from __future__ import annotations

import functools
import json
import zoneinfo
from collections.abc import Sequence
from typing import Any, Optional

from ansible_collections.holdfast.ops.plugins.plugin_utils.clients import formats
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients._thirdparty import (
    ValidationError,
)
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.faults import (
    describe,
    meant,
    nearest,
)
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.locate import Places
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.source import Source

_QUOTE = "write it in quotes"
_WORDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "list_type": "a list",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "finite_number": "a finite number",
}
_LIMITS = {
    "greater_than_equal": ("ge", "a number of at least {}"),
    "less_than_equal": ("le", "a number of at most {}"),
    "greater_than": ("gt", "a number above {}"),
    "less_than": ("lt", "a number below {}"),
    "string_too_short": ("min_length", "text of at least {} character(s)"),
    "string_too_long": ("max_length", "text of at most {} characters"),
    "too_short": ("min_length", "no fewer entries than {}"),
    "too_long": ("max_length", "no more entries than {}"),
}


def validate(source: Source, model: Any) -> Optional[Any]:
    """The file's data as the model, or None with the faults noted in the source."""
    if not source.readable:
        return None
    try:
        return model.model_validate(source.data)
    except ValidationError as error:
        explain(source, model, error)
        return None


def explain(source: Source, model: Any, error: Any) -> None:
    """Note each of pydantic's errors as a fault."""
    places, schema = Places(source.text), _schema(model)
    items = error.errors(include_url=False)
    misspelt = {_meant_key(item, schema) for item in items if item["type"] == "extra_forbidden"}
    for item in items:
        loc = [part for part in item["loc"] if part != "[key]"]
        missing = item["type"] == "missing"
        if missing and tuple(loc) in misspelt:
            continue  # the misspelt key's own fault says it
        expected, hint = _expected(item, _properties(schema, loc[:-1]))
        written = None if "[key]" in item["loc"] else places.written(loc)
        line = places.line(loc[:-1] if missing else loc)
        source.wrong(line, loc, expected, _found(item, written), hint or _advice(item, expected))


@functools.cache
def _schema(model: Any) -> dict[str, Any]:
    """The model's JSON Schema, built once: it knows every key by its path."""
    found: dict[str, Any] = model.model_json_schema()
    return found


def _meant_key(item: dict[str, Any], schema: dict[str, Any]) -> tuple[Any, ...]:
    """The path of the key an unknown key was probably meant to be."""
    *parent, word = item["loc"]
    return (*parent, nearest(word, _properties(schema, parent)))


def _advice(item: dict[str, Any], expected: str) -> str:
    """What to do about a value of the wrong kind, where one can tell."""
    kind, value = item["type"], item["input"]
    if kind == "string_type" and value is not None and not isinstance(value, (dict, list)):
        return _QUOTE
    if kind in ("int_type", "float_type") and isinstance(value, str) and value.strip().isdigit():
        return "write it without quotes"
    if expected == formats.ZONE:
        return meant(value, sorted(zoneinfo.available_timezones()))
    return ""


def _expected(item: dict[str, Any], siblings: Sequence[str]) -> tuple[str, str]:
    """(what was expected, hint) of one error."""
    kind, context = item["type"], item.get("ctx", {})
    if kind == "holdfast":
        return context["expected"], ""
    if kind == "missing":
        return f'the key "{item["loc"][-1]}"', ""
    if kind == "extra_forbidden":
        word = item["loc"][-1]
        return f"one of the keys {', '.join(siblings)}", meant(word, siblings)
    if kind == "literal_error":
        # pydantic prints the choices as 'a', 'b' or 'c'.
        choices = context["expected"].replace(" or ", ", ").replace("'", "").split(", ")
        return f"one of {', '.join(choices)}", meant(item["input"], choices)
    if kind == "string_pattern_mismatch":
        return formats.MEANING.get(context["pattern"], f"text like {context['pattern']}"), ""
    if kind in _LIMITS:
        name, words = _LIMITS[kind]
        return words.format(context[name]), ""
    if kind in _WORDS:
        return _WORDS[kind], ""
    return item["msg"][:1].lower() + item["msg"][1:], ""


def _found(item: dict[str, Any], written: Optional[str]) -> str:
    """What stands there, with its spelling in the file where that differs."""
    if item["type"] == "missing":
        return "none"
    if item["type"] == "extra_forbidden":
        return f'"{item["loc"][-1]}"'
    value = item["input"]
    if hasattr(value, "model_dump"):
        value = value.model_dump(exclude_unset=True)
    if item["type"] == "holdfast" and isinstance(value, dict):
        text = json.dumps(value, ensure_ascii=False, default=str)
        return text if len(text) <= 90 else f"{text[:90]}..."
    if item["type"] in ("too_long", "too_short"):
        return str(item["ctx"].get("actual_length") or "none")
    text = describe(value)
    if written and not isinstance(value, str) and written != str(value):
        text += f" (written {written})"
    return text


def _properties(schema: dict[str, Any], path: Sequence[Any]) -> list[str]:
    """Keys the model knows at a path, for the nearest spelling."""
    nodes = [schema]
    for part in path:
        nodes = [below for node in _expand(schema, nodes) for below in _below(node, part)]
    return sorted({name for node in _expand(schema, nodes) for name in node.get("properties", {})})


def _below(node: dict[str, Any], part: Any) -> list[dict[str, Any]]:
    """Schemas one step down."""
    if isinstance(part, int):
        return [node["items"]] if "items" in node else []
    if part in node.get("properties", {}):
        return [node["properties"][part]]
    extra = node.get("additionalProperties")
    patterns = list(node.get("patternProperties", {}).values())
    return patterns + ([extra] if isinstance(extra, dict) else [])


def _expand(schema: dict[str, Any], nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The nodes with references followed and alternatives opened."""
    found: list[dict[str, Any]] = []
    todo = list(nodes)
    while todo:
        node = todo.pop()
        if "$ref" in node:
            todo.append(schema["$defs"][node["$ref"].rsplit("/", 1)[-1]])
        todo += node.get("anyOf", [])
        found.append(node)
    return found
