# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read one log line of nginx into a record; refuse whatever is not exactly what we send."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

MAX_LINE_BYTES = 65536  # nginx's 8 KiB header buffer, escaped at worst sixfold, fits
OTHER = "other"
LENGTH_CLASSES = ("under_1k", "under_10k", "under_100k", "under_1m", "over_1m")

_SECONDS = re.compile(r"[0-9]{1,7}(?:\.[0-9]{1,6})?")
_BYTES = re.compile(r"[0-9]{1,15}")
_STATUS = re.compile(r"[1-5][0-9]{2}")
_SERVER_NAME = re.compile(r"[\x20-\x7e]{1,128}")
_UPSTREAM_SEPARATOR = re.compile(r", | : ")
_FIELDS = ("server", "status", "seconds", "upstream", "sent", "length", "session")


class RejectedLineError(Exception):
    """A line that is not ours; `reason` is one of oversized, syntax, field. Holds no part of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Record:
    """One request: times in seconds, `sent` in bytes, no `upstream` where nginx answered itself."""

    server: str
    status_class: str
    seconds: float
    upstream: float | None
    sent: int
    length_class: str
    session: bytes = field(repr=False)  # raw; to be hashed at once and never kept


def parse(line: bytes) -> Record:
    """Read a syslog datagram (`<190>time tag: {json}`). Raises RejectedLineError."""
    if len(line) > MAX_LINE_BYTES:
        raise RejectedLineError("oversized")
    values = _strings(line)
    status = values["status"]
    return Record(
        server=_server(values["server"]),
        status_class=status[0] + "xx" if _STATUS.fullmatch(status) else OTHER,
        seconds=_seconds(values["seconds"]),
        upstream=_upstream(values["upstream"]),
        sent=int(_matching(_BYTES, values["sent"])),
        length_class=values["length"] if values["length"] in LENGTH_CLASSES else OTHER,
        session=values["session"].encode("utf-8", "surrogatepass"),
    )


def _strings(line: bytes) -> dict[str, str]:
    """The seven fields of the line, each a string; anything more, less or else is refused."""
    text = line.decode("utf-8", "surrogateescape")
    _before, brace, body = text.partition("{")
    try:
        # Numbers stay text: a line of a million digits must not cost a conversion.
        values = json.loads(brace + body, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        values = None  # not "raise from": json's error carries the whole line, cookie included
    if not isinstance(values, dict):
        raise RejectedLineError("syntax")
    if set(values) != set(_FIELDS) or not all(isinstance(v, str) for v in values.values()):
        raise RejectedLineError("field")
    return values


def _matching(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise RejectedLineError("field")
    return text


def _server(name: str) -> str:
    """nginx's server_name: from its configuration, so few; "_" for the nameless default server."""
    if not name:
        return "_"
    return name if _SERVER_NAME.fullmatch(name) else OTHER


def _seconds(text: str) -> float:
    return float(_matching(_SECONDS, text))


def _upstream(text: str) -> float | None:
    """Nginx lists the time of each upstream it tried ("0.1, 0.2 : -"); we waited for all."""
    tried = [part for part in _UPSTREAM_SEPARATOR.split(text) if part not in ("", "-")]
    return sum(_seconds(part) for part in tried) if tried else None
