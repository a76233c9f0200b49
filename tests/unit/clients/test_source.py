"""The reader of YAML: equal to PyYAML's own for all it accepts, strict for the rest."""

import string
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients import source as module
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SCALARS = [
    *("yes", "No", "on", "TRUE", "~", "null", "", "0123", "0o17", "0x1F", "1_000", "1e3", "1.5"),
    *(".inf", "-.INF", "2024-01-01", "22:00", "02:30", "190:20:30", "+49305550100"),
    *("2001-12-14t21:59:43.10-05:00", "acme", "a b", "a#b", "1.2.3.4", "Ünïcödé", "-x", "0b101"),
]


def read(folder: Path, text: str) -> module.Source:
    path = folder / "x.yml"
    path.write_bytes(text.encode())
    return module.read(str(path))


@pytest.mark.parametrize("text", SCALARS)
@pytest.mark.parametrize("style", ["{}", "'{}'", '"{}"', "|\n    {}", ">-\n    {}"])
def test_a_scalar_means_what_it_means_to_pyyaml(tmp_path: Path, text: str, style: str) -> None:
    document = f"key: {style.format(text)}\n"
    found = read(tmp_path, document)
    assert found.faults == []
    expected = yaml.safe_load(document)
    assert found.data == expected
    assert type(found.data["key"]) is type(expected["key"])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.dictionaries(st.text(), VALUES, max_size=4), flow=st.booleans())
def test_any_data_comes_back_as_it_was_written(
    tmp_path: Path, data: dict[str, Any], flow: bool
) -> None:
    text = yaml.safe_dump(data, allow_unicode=True, default_flow_style=flow)
    if yaml.safe_load(text) != data or "&id" in text:
        return  # PyYAML itself loses some characters
    found = read(tmp_path, text)
    assert found.faults == []
    assert found.data == data


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(string.printable))
def test_no_text_breaks_the_reader(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, text)
    assert found.readable or found.faults
    assert all(fault.line >= 0 and fault.expected and fault.found for fault in found.faults)


def test_the_parser_in_python_reads_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "a: {b: [1, yes, 'x']}\nc: |\n  one\n  two\n"
    fast = read(tmp_path, text)
    monkeypatch.setattr(module, "_Parser", None)
    slow = read(tmp_path, text)
    assert (slow.data, slow.faults) == (fast.data, fast.faults)
    assert fast.data == {"a": {"b": [1, True, "x"]}, "c": "one\ntwo\n"}


def test_nothing_grows_by_aliases(tmp_path: Path) -> None:
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    found = read(tmp_path, bomb)
    assert [fault.line for fault in found.faults] == [1, 2, 2, 2, 3, 3]


@pytest.mark.parametrize("text", ["=", "<<"])
def test_what_pyyaml_has_no_value_for_is_text(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, f"key: {text}\n").data == {"key": text}


def test_a_merge_key_is_a_key_like_any_other(tmp_path: Path) -> None:
    assert read(tmp_path, "a: {<<: {b: 1}}\n").data == {"a": {"<<": {"b": 1}}}
