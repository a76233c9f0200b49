# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`python3 -m shop migrate`: bring the database to this version, before the server starts."""

from __future__ import annotations

import os
import sys

import psycopg2

from . import migrate, settings


def main() -> int:
    """0 when the database is as it should be; 1 with one line that says why not."""
    if sys.argv[1:] != ["migrate"]:
        sys.stderr.write("usage: python3 -m shop migrate\n")
        return 2
    try:
        connection = psycopg2.connect(**settings.read(os.environ).connection)
        done = migrate.migrate(connection, migrate.steps())
        connection.close()
    except (ValueError, psycopg2.Error) as error:
        sys.stderr.write(f"shop migrate: {str(error).strip()}\n")
        return 1
    sys.stdout.write(f"shop migrate: {', '.join(done) or 'nothing to do'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
