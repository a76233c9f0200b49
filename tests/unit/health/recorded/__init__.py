"""What real hosts and Ansible itself answered, kept for the tests."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def load(name: str) -> Any:
    """A recorded document by name."""
    return json.loads((FOLDER / f"{name}.json").read_text())
