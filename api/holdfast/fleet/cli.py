"""Commands over the declarations: check them, print their schema."""

import json
import sys
from pathlib import Path

import click


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "kind",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="For people or for programs.",
)
def validate(directory: Path, kind: str) -> None:
    """Check the declarations in DIRECTORY: a summary, or every fault (exit code 1)."""
    from holdfast.fleet import validate as work

    valid, report = work.check(directory)
    click.echo(work.as_json(report) if kind == "json" else work.as_text(report))
    sys.exit(0 if valid else 1)


@click.command()
@click.argument("kind", type=click.Choice(["client", "plans", "provider"]))
def schema(kind: str) -> None:
    """Print the JSON Schema of a client file, of plans.yml or of provider.yml."""
    from holdfast.fleet.schema import schema as build

    click.echo(json.dumps(build(kind), indent=2))


COMMANDS: list[click.Command] = [validate, schema]
