"""Whatever is changed in a valid fleet, a fault names it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.clients.folder import ACME, PROVIDER, ROOT, Folder

FILES = {
    "clients/acme.yml": yaml.safe_load(ACME),
    "provider.yml": yaml.safe_load(PROVIDER),
    "plans.yml": yaml.safe_load((ROOT / "inventories/lab/plans.yml").read_text()),
}
# Keys the writer chooses: renaming one gives another valid fleet.
FREE = ("instances", "hosts", "plans", "vars")


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of every key that the model knows."""
    items = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in items:
        here = (*path, key)
        if isinstance(key, str) and not (path and path[-1] in FREE):
            yield here
        if isinstance(value, (dict, list)):
            yield from places(value, here)


PLACES = [(name, path) for name, data in FILES.items() for path in places(data)]


def changed(node: Any, path: tuple[Any, ...], key: Any, value: Any) -> Any:
    """A copy with the entry at the path under another key and with another value."""
    first, *rest = path
    if isinstance(node, list):
        return [
            changed(v, tuple(rest), key, value) if i == first else v for i, v in enumerate(node)
        ]
    if not rest:
        new = value(node[first]) if callable(value) else value
        return {(key(k) if k == first else k): (new if k == first else v) for k, v in node.items()}
    return {k: changed(v, tuple(rest), key, value) if k == first else v for k, v in node.items()}


def faults(name: str, data: Any) -> list[Any]:
    with tempfile.TemporaryDirectory() as path:
        folder = Folder(Path(path) / "inventory")
        folder.write(name, yaml.safe_dump(data, sort_keys=False, allow_unicode=True))
        return folder.faults()


@settings(deadline=None, max_examples=120)
@given(place=st.sampled_from(PLACES), tail=st.sampled_from(["s", "_", "x1", " ", "e"]))
def test_any_misspelt_key_is_named(place: tuple[str, tuple[Any, ...]], tail: str) -> None:
    name, path = place
    word = f"{path[-1]}{tail}"
    found = faults(name, changed(FILES[name], path, lambda _: word, lambda value: value))
    named = [fault for fault in found if fault.file == name and fault.key.endswith(word)]
    assert named, "\n".join(map(str, found))
    assert named[0].line > 0
    assert f'"{path[-1]}"' in named[0].hint


@settings(deadline=None, max_examples=120)
@given(
    place=st.sampled_from(PLACES),
    value=st.sampled_from([True, 7.5, -1, "", "\x01", {"x": 1}, [["x"]], [None], "{{ x }} "]),
)
def test_any_wrong_value_is_named(place: tuple[str, tuple[Any, ...]], value: Any) -> None:
    name, path = place
    if (path[-1] == "availability_percent" or "percent" in str(path[-1])) and value == 7.5:
        return
    found = faults(name, changed(FILES[name], path, lambda key: key, value))
    keys = [fault.key for fault in found if fault.file == name]
    here = str(path[-1])
    assert any(here in key for key in keys), "\n".join(map(str, found))
