# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The session cookie: a random token; the database keeps only its hash."""

from __future__ import annotations

import hashlib
import re
import secrets

COOKIE = "shop_session"
LIFETIME_SECONDS = 30 * 24 * 3600
_TOKEN = re.compile("[A-Za-z0-9_-]{43}")


def new_token() -> str:
    """A token that cannot be guessed (256 bits)."""
    return secrets.token_urlsafe(32)


def valid(token: str | None) -> bool:
    """Whether this looks like one of our tokens."""
    return token is not None and _TOKEN.fullmatch(token) is not None


def digest(token: str) -> str:
    """What is stored: who reads the database cannot take over a session."""
    return hashlib.sha256(token.encode()).hexdigest()
