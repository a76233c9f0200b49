"""Values are data: which texts are marked as trusted, and that none of those can be a template."""

from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.values import INERT, converter
from hypothesis import given, settings
from hypothesis import strategies as st

PIECES = st.sampled_from(
    [
        *("{{ 7 * 7 }}", "{{", "}}", "{%", "%}", "{#", "#jinja2:", "# for x in y", "\n", "\r"),
        *("lookup('pipe', 'id')", "a", "ü", "9**9", "*", " ", "[0]", "|", "$", "`", '"', "'"),
    ]
)


def marked(text: str) -> bool:
    """Whether the converter marks the text, asked past Ansible's own bookkeeping."""
    seen: list[str] = []
    converter(lambda value: seen.append(value) or value)(text)  # type: ignore[func-returns-value]
    return bool(seen)


@settings(deadline=None)
@given(st.lists(PIECES | st.text(max_size=8), max_size=8).map("".join))
def test_a_marked_text_is_no_template_and_renders_to_itself(text: str) -> None:
    templar = Templar(loader=DataLoader(), variables={"a": "RENDERED"})
    if marked(text):
        assert not any(character in text for character in "{}#%()[]|\"'`$\\<>\n\r")
        assert "**" not in text
        assert not templar.is_template(trust_as_template(text))
    value = converter(trust_as_template)({"x": [text]})
    assert templar.template(value) == {"x": [text]}


@pytest.mark.parametrize(
    ("text", "inert"),
    [
        ("Acme Trading GmbH", True),
        ("Müller & Söhne", True),
        ("https://shop.acme.example/?a=b", True),
        ("postgresql@*-main.service", True),
        ("+49 30 5550100", True),
        ("", True),
        ("{{ 7 * 7 }}", False),
        ("{% raw %}", False),
        ("{# x #}", False),
        ("#jinja2: variable_start_string: '[['", False),
        ("9**9**9", False),
        ("x\n", False),
        ("O'Brien", False),
    ],
)
def test_the_alphabet(text: str, inert: bool) -> None:
    assert bool(INERT.match(text)) is inert
    assert marked(text) is inert


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    )
)
def test_conversion_changes_no_value(value: Any) -> None:
    assert converter(trust_as_template)(value) == value
    assert converter(lambda text: text)(value) == value
