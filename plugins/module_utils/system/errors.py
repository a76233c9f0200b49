# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can go wrong with a catalogue; the module turns these into its one failure message."""

from __future__ import annotations


class CatalogueError(Exception):
    """The host cannot be brought to the catalogue; the text says expected, found, what to do."""


class CatalogueFaultsError(CatalogueError):
    """Everything that is wrong with a catalogue or its fit to the host, found before any write."""

    def __init__(self, faults):
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


class CommandError(CatalogueError):
    """A command the catalogue needs ended with an error."""
