# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Settings of the process, all from the environment that its systemd unit gives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

#: File name of the systemd credential that holds the database password.
CREDENTIAL = "database-password"


@dataclass(frozen=True)
class Settings:
    """database: libpq connection string without a password; password: empty for peer login."""

    database: str
    password: str
    pool_size: int

    @property
    def connection(self) -> dict[str, object]:
        """Arguments of psycopg2.connect: dead peers and slow statements end in seconds."""
        arguments: dict[str, object] = {
            "dsn": self.database,
            "application_name": "shop",
            "connect_timeout": 3,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 15000,
            "options": "-c statement_timeout=5000 -c lock_timeout=3000",
        }
        if self.password:
            arguments["password"] = self.password
        return arguments


def read(environment: Mapping[str, str]) -> Settings:
    """Settings of this process.

    Raises:
        ValueError: SHOP_DATABASE is missing, or SHOP_POOL_SIZE is no number from 1 up.
    """
    database = environment.get("SHOP_DATABASE", "").strip()
    if not database:
        raise ValueError("expected SHOP_DATABASE to be a connection string, found nothing; set it")
    size = environment.get("SHOP_POOL_SIZE", "8")
    if not size.isdigit() or int(size) < 1:
        raise ValueError(f"expected SHOP_POOL_SIZE to be a number from 1 up, found '{size}'")
    return Settings(database, _password(environment), int(size))


def _password(environment: Mapping[str, str]) -> str:
    folder = environment.get("CREDENTIALS_DIRECTORY", "")
    path = Path(folder) / CREDENTIAL
    return path.read_text(encoding="utf-8").strip() if folder and path.is_file() else ""
