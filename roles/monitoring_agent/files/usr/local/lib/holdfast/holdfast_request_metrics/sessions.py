# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Count distinct sessions in a sliding window without being able to recognise one of them."""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter, OrderedDict
from collections.abc import Callable

KEY_BYTES = 32
DIGEST_BYTES = 16


class _Generation:
    """The sessions seen under one key, the longest unseen first."""

    def __init__(self, key: bytes) -> None:
        self.key = key
        self.seen: OrderedDict[bytes, tuple[float, str]] = OrderedDict()

    def digest(self, server: str, session: bytes) -> bytes:
        hasher = hashlib.blake2b(key=self.key, digest_size=DIGEST_BYTES)
        hasher.update(server.encode("utf-8", "surrogatepass") + b"\0" + session)
        return hasher.digest()


class SessionWindow:
    """Sessions active in the last `window` seconds, `limit` at most, by server.

    The key is random, lives in memory only and is replaced every `rotate` seconds. The one before
    stays until its last session has left the window, so that a rotation counts nobody twice.
    """

    def __init__(
        self,
        window: float,
        limit: int,
        rotate: float = 3600.0,
        new_key: Callable[[], bytes] = lambda: secrets.token_bytes(KEY_BYTES),
    ) -> None:
        self._window = window
        self._limit = limit
        self._rotate = max(rotate, window)
        self._new_key = new_key
        self._current = _Generation(new_key())
        self._previous: _Generation | None = None
        self._rotate_at: float | None = None
        self._by_server: Counter[str] = Counter()
        self.untracked = 0

    def __len__(self) -> int:
        return len(self._current.seen) + (len(self._previous.seen) if self._previous else 0)

    def see(self, server: str, session: bytes, now: float) -> None:
        """Note a request of this session. At the limit a new one is only counted as untracked."""
        self._advance(now)
        digest = self._current.digest(server, session)
        known = self._current.seen.pop(digest, None) or self._take_from_previous(server, session)
        if known is None:
            if len(self) >= self._limit:
                self.untracked += 1
                return
            self._by_server[server] += 1
        self._current.seen[digest] = (now, server)

    def counts(self, now: float) -> dict[str, int]:
        """Active sessions by server; a server without any is absent."""
        self._advance(now)
        return dict(self._by_server)

    def _take_from_previous(self, server: str, session: bytes) -> tuple[float, str] | None:
        if self._previous is None:
            return None
        return self._previous.seen.pop(self._previous.digest(server, session), None)

    def _advance(self, now: float) -> None:
        if self._rotate_at is None:
            self._rotate_at = now + self._rotate
        self._expire(self._current, now)
        if self._previous is not None:
            self._expire(self._previous, now)
            if not self._previous.seen:
                self._previous = None  # and with it the old key
        if now >= self._rotate_at:
            self._previous, self._current = self._current, _Generation(self._new_key())
            self._rotate_at = now + self._rotate

    def _expire(self, generation: _Generation, now: float) -> None:
        seen = generation.seen
        while seen:
            digest, (last, server) = next(iter(seen.items()))
            if last > now - self._window:
                return
            del seen[digest]
            self._by_server[server] -= 1
            if not self._by_server[server]:
                del self._by_server[server]
