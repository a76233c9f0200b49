# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""YAML text to plain data, fast and strict.

Works on the parser's events: no node and no constructor a value, a quarter of the time of
PyYAML's own loader. Duplicate keys, anchors, tags and keys that are no text are faults.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import stat
from typing import Any, Optional

import yaml
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.faults import (
    Fault,
    describe,
    key_path,
)

LIMIT = 1_048_576
DEPTH = 32
_RESOLVERS = yaml.SafeLoader.yaml_implicit_resolvers
_TEXT = "tag:yaml.org,2002:str"


try:
    from yaml.cyaml import CParser as _Parser
except ImportError:  # PyYAML without libyaml
    _Parser = None


class _Pure(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):
    """The same events, slowly, in Python."""

    def __init__(self, text: str) -> None:
        yaml.reader.Reader.__init__(self, text)
        yaml.scanner.Scanner.__init__(self)
        yaml.parser.Parser.__init__(self)


@dataclasses.dataclass
class Source:
    """One file: its text, its data (None when it cannot be read), what is wrong so far."""

    file: str
    text: str = ""
    data: Any = None
    readable: bool = False
    faults: list[Fault] = dataclasses.field(default_factory=list)

    def wrong(self, line: int, path: Any, expected: str, found: str, hint: str = "") -> None:
        """Note a fault."""
        self.faults.append(Fault(self.file, line, key_path(path), expected, found, hint))


@functools.lru_cache(maxsize=4096)
def plain_value(text: str) -> Any:
    """What YAML makes of an unquoted text: the text, a number, a boolean, null or a date."""
    for tag, pattern in _RESOLVERS.get(text[:1], ()):
        if pattern.match(text):
            if tag == _TEXT:
                return text
            try:
                return yaml.safe_load(text)
            except (yaml.YAMLError, ValueError):
                return text
    return text


class _Builder:
    """Builds one document from events."""

    def __init__(self, source: Source) -> None:
        self.source = source
        parser = (_Parser or _Pure)(source.text)
        self.next = parser.get_event
        self.path: list[Any] = []

    def document(self) -> Any:
        """The single document's data; None where there is none."""
        self.next()
        event = self.next()
        value = None
        if event.__class__ is not yaml.StreamEndEvent:
            value = self.value(self.next())
        if value is None:
            self.source.wrong(1, (), "a mapping", "an empty file")
            return None
        self.next()
        event = self.next()
        if event.__class__ is not yaml.StreamEndEvent:
            line = event.start_mark.line + 1
            self.source.wrong(line, (), "one document", "a second one", "remove the line ---")
        return value

    def value(self, event: Any) -> Any:
        """Data of the node that starts with this event."""
        kind = event.__class__
        if kind is yaml.ScalarEvent:
            if event.tag is not None or event.anchor is not None:
                self.refuse(event)
            text = event.value
            if not event.implicit[0] or text[:1] not in _RESOLVERS:
                return text
            return plain_value(text)
        if kind is yaml.AliasEvent:
            self.refuse(event)
            return None
        if event.tag is not None or event.anchor is not None:
            self.refuse(event)
        if len(self.path) > DEPTH:
            raise RecursionError
        return self.mapping() if kind is yaml.MappingStartEvent else self.sequence()

    def mapping(self) -> dict[str, Any]:
        """A mapping; its start event has been taken."""
        found: dict[str, Any] = {}
        path = self.path
        path.append(None)
        event = self.next()
        while event.__class__ is not yaml.MappingEndEvent:
            key = self.value(event)
            path[-1] = key
            value = self.value(self.next())
            if key.__class__ is not str:
                self.no_text(event, key)
            elif key in found:
                self.twice(event, key)
            else:
                found[key] = value
            event = self.next()
        path.pop()
        return found

    def sequence(self) -> list[Any]:
        """A list; its start event has been taken."""
        found: list[Any] = []
        path = self.path
        path.append(0)
        event = self.next()
        while event.__class__ is not yaml.SequenceEndEvent:
            path[-1] = len(found)
            found.append(self.value(event))
            event = self.next()
        path.pop()
        return found

    def refuse(self, event: Any) -> None:
        """An anchor, an alias or a tag."""
        tag = getattr(event, "tag", None)
        found = f"the tag {tag}" if tag else f"the anchor or alias {event.anchor}"
        hint = "write the value itself"
        if tag == "!vault":
            hint = "keep secrets in group_vars, where ansible-vault reads them"
        self.source.wrong(event.start_mark.line + 1, self.path, "plain YAML", found, hint)

    def no_text(self, event: Any, key: Any) -> None:
        """A key that YAML takes for a number, a boolean or worse."""
        hint = "write the key in quotes" if not isinstance(key, (dict, list)) else ""
        line = event.start_mark.line + 1
        self.source.wrong(line, self.path[:-1], "keys of text", f"{describe(key)} as a key", hint)

    def twice(self, event: Any, key: str) -> None:
        """A key that stands in the mapping already."""
        line = event.start_mark.line + 1
        self.source.wrong(line, self.path, "each key once", f'a second "{key}"', "remove one")


def read(file: str) -> Source:
    """Read one file; never raises for what is in it: `faults` says it."""
    source = Source(file)
    text = _decode(source)
    if text is None:
        return source
    source.text = text
    try:
        source.data = _Builder(source).document()
        source.readable = source.data is not None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        source.wrong(line, (), "valid YAML", f"a syntax error ({problem})")
    except RecursionError:
        source.wrong(1, (), f"at most {DEPTH} levels", "more")
    return source


def _decode(source: Source) -> Optional[str]:
    """The file's text, or a fault."""
    try:
        if not stat.S_ISREG(os.stat(source.file).st_mode):
            source.wrong(0, (), "a plain file", "something else")
            return None
        with open(source.file, "rb") as stream:
            raw = stream.read(LIMIT + 1)
    except OSError as error:
        source.wrong(0, (), "a file that can be read", (error.strerror or str(error)).lower())
        return None
    if len(raw) > LIMIT:
        source.wrong(0, (), f"at most {LIMIT} bytes", "a larger file")
        return None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        source.wrong(line, (), "UTF-8 text", f"the byte 0x{raw[error.start]:02x}")
        return None
