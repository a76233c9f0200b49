"""`holdfast health`: how every host and service is, as a table or as JSON."""

import json
import os
from pathlib import Path
from typing import Any

import click

from holdfast.core.errors import HoldfastError, WrongCallError


@click.command()
@click.option("-i", "--inventory", "inventories", multiple=True, help="Inventory file or folder.")
@click.option("-l", "--limit", help="Hosts or groups to check, as Ansible's --limit.")
@click.option("--lab", help="Check this lab's hosts.")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
)
@click.option("--output", type=click.Path(dir_okay=False), help="Write the JSON report here too.")
def health(
    inventories: tuple[str, ...],
    limit: str | None,
    lab: str | None,
    output_format: str,
    output: str | None,
) -> None:
    """Check every service and host; changes nothing.

    Exit code 0: nothing needs you now (all ok, or warnings, or something of a host itself is
    unknown). 1: something fails, a service is unknown, or a host could not be checked.
    2: the call is wrong or names no host.
    """
    from holdfast.health import service

    if lab and inventories:
        raise WrongCallError("expected either --lab or --inventory, found both")
    sources = (service.lab_inventory(lab),) if lab else inventories
    request = service.Request(sources, limit, quiet=output_format == "json")
    report = service.check(request)
    if output:
        write(Path(output), report)
    if output_format == "json":
        click.echo(json.dumps(report, indent=2))
    click.get_current_context().exit(0 if report["healthy"] else 1)


def write(path: Path, report: dict[str, Any]) -> None:
    """Put the report in its place as a whole: a reader never sees half of one.

    Raises:
        HoldfastError: the folder is missing or may not be written.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_text(json.dumps(report, indent=2) + "\n")
        part.replace(path)
    except OSError as error:
        raise HoldfastError(f"the report cannot be written to {path}: {error.strerror}") from error


COMMANDS: list[click.Command] = [health]
