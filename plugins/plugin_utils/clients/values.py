# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Declared values as Ansible values: data, whatever they look like.

A text that is not marked is data to Ansible: printed, never rendered. `ansible-inventory --list`
then prints it as {"__ansible_unsafe": "..."}, which doubles its output and its memory and hides
the text from whoever reads it. So texts that cannot be a template, because every character is of
an alphabet without braces, quotes, brackets and #, are marked as trusted; rendering gives them
back as they are. Any other text stays unmarked.
"""

from __future__ import annotations

import re
from typing import Any, Callable

#: Texts with no character that starts a template, a call, a subscript or a power.
INERT = re.compile(r"(?:[\w .,:;@/+=&?!~-]|\*(?!\*))*\Z")


def converter(mark: Callable[[str], str]) -> Callable[[Any], Any]:
    """A function that copies a value with `mark` applied to its inert texts, equal texts shared.

    mark: ansible.template.trust_as_template, given so that this stays free of Ansible.
    """
    known: dict[str, str] = {}

    def convert(value: Any) -> Any:
        kind = value.__class__
        if kind is str:
            found = known.get(value)
            if found is None:
                found = known[value] = mark(value) if INERT.match(value) else value
            return found
        if kind is dict:
            return {key: convert(item) for key, item in value.items()}
        if kind is list:
            return [convert(item) for item in value]
        return value

    return convert
