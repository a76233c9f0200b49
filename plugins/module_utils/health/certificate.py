# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When a certificate ends, read from its DER bytes.

Python's ssl module tells the dates of verified certificates alone; those of the ones that
fail verification are wanted most.
"""

from __future__ import annotations

import calendar
import time

_SEQUENCE, _VERSION, _UTC_TIME, _GENERALIZED_TIME = 0x30, 0xA0, 0x17, 0x18


class NotACertificateError(ValueError):
    """The bytes are no X.509 certificate."""


def not_after(der: bytes) -> float:
    """End of validity, seconds since the epoch.

    Raises:
        NotACertificateError: the bytes are something else or cut short.
    """
    _tag, certificate, _rest = _element(der, _SEQUENCE)
    _tag, body, _rest = _element(certificate, _SEQUENCE)
    if body[:1] == bytes([_VERSION]):
        _tag, _value, body = _element(body)
    # serial number, signature algorithm, issuer
    for _field in range(3):
        _tag, _value, body = _element(body)
    _tag, validity, _rest = _element(body, _SEQUENCE)
    _tag, _value, rest = _element(validity)
    tag, value, _rest = _element(rest)
    return _time(tag, value)


def _element(data: bytes, expected: int = 0) -> tuple[int, bytes, bytes]:
    """Tag, content, and what follows."""
    if len(data) < 2 or (expected and data[0] != expected):
        raise NotACertificateError("expected an X.509 certificate in DER")
    length, start = data[1], 2
    if length & 0x80:
        count = length & 0x7F
        start += count
        length = int.from_bytes(data[2:start], "big")
    if len(data) < start + length:
        raise NotACertificateError("the certificate is cut short")
    return data[0], data[start : start + length], data[start + length :]


def _time(tag: int, value: bytes) -> float:
    formats = {_UTC_TIME: "%y%m%d%H%M%SZ", _GENERALIZED_TIME: "%Y%m%d%H%M%SZ"}
    if tag not in formats:
        raise NotACertificateError("expected a time as the end of validity")
    try:
        parsed = time.strptime(value.decode("ascii"), formats[tag])
    except ValueError as error:
        raise NotACertificateError(f"not a time: {value!r}") from error
    # RFC 5280: two-digit years from 50 on are 19xx, while strptime turns over at 69.
    year = parsed.tm_year - 100 if tag == _UTC_TIME and parsed.tm_year >= 2050 else parsed.tm_year
    return calendar.timegm((year, *parsed[1:6]))
