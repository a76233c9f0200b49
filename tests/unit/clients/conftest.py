"""The fixture of this folder."""

from pathlib import Path

import pytest

from tests.unit.clients.folder import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A valid fleet that a test can spoil."""
    return Folder(tmp_path / "inventory")
