"""The `holdfast` command: finds each feature's `cli.py` and offers its commands."""

import importlib
import sys
from pathlib import Path

import click

import holdfast
from holdfast.core.errors import HoldfastError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(holdfast.__version__, prog_name="holdfast")
def cli() -> None:
    """Run many clients' instances: bring them under management, check them, keep them."""


def register_features() -> None:
    """Add `COMMANDS` of every `holdfast/<feature>/cli.py`: a new feature edits no list."""
    for path in sorted(Path(holdfast.__file__).parent.glob("*/cli.py")):
        feature = importlib.import_module(f"holdfast.{path.parent.name}.cli")
        for command in feature.COMMANDS:
            cli.add_command(command)


def main() -> None:
    """Entry point: errors of our own become one line on stderr and an exit code."""
    register_features()
    try:
        cli.main(standalone_mode=True)
    except HoldfastError as error:
        click.echo(f"holdfast: {error}", err=True)
        sys.exit(error.exit_code)
