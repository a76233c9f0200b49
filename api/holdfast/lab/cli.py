"""`holdfast lab`: boot, look at and remove lab hosts."""

import json
import os
from pathlib import Path
from typing import Any

import click

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NAME = click.option("--name", default="lab", show_default=True, help="Which lab.")
RELEASES = ("bookworm", "trixie")


@click.group()
def lab() -> None:
    """Real Debian hosts on this machine, for demonstrations and tests."""


@lab.command()
@NAME
@click.option("--inventory", type=FOLDER, help="Declarations to boot. [default: inventories/lab]")
@click.option("--platforms", type=FILE, help="A JSON list of hosts in place of declarations.")
@click.argument("host", nargs=-1)
def up(name: str, inventory: Path | None, platforms: Path | None, host: tuple[str, ...]) -> None:
    """Boot every declared host, or only HOST...; hosts that run are left alone."""
    from holdfast.core.errors import WrongCallError
    from holdfast.lab import service
    from holdfast.lab.progress import progress

    if inventory and platforms:
        raise WrongCallError("expected --inventory or --platforms, found both; leave one out")
    with progress() as told:
        changed = service.up(name, told, source=inventory, platform_file=platforms, only=host)
    click.echo(f"lab {name}: {'up' if changed else 'already up, nothing changed'}")


@lab.command()
@NAME
@click.option("--all", "every", is_flag=True, help="Every lab.")
@click.option("--purge", is_flag=True, help="With --all: images and cached packages too.")
def down(name: str, every: bool, purge: bool) -> None:
    """Remove the lab with every trace; images stay."""
    from holdfast.core.errors import WrongCallError
    from holdfast.lab import image, record, service
    from holdfast.lab.progress import progress

    if purge and not every:
        raise WrongCallError("expected --purge together with --all, for labs share their images")
    with progress() as told:
        names = record.names() if every else [name]
        if not names:
            told.say("no lab to remove")
        for each in names:
            there = service.down(each, told)
            told.say(f"lab {each}: {'removed' if there else 'nothing to remove'}")
        if purge:
            image.purge(told)


@lab.command()
@NAME
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
def status(name: str, form: str) -> None:
    """Each host's state, address, release and limits."""
    from holdfast.lab import status as look

    facts = look.status(name)
    if form == "json":
        click.echo(json.dumps(facts, indent=1))
    else:
        show(facts)


def show(facts: dict[str, Any]) -> None:
    """The status as a table."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in ("host", "state", "address", "release", "memory", "cpus", "pids", "disk"):
        table.add_column(title)
    for host in facts["hosts"]:
        table.add_row(
            host["name"],
            host["state"],
            host["address"],
            host["release"],
            f"{host['memory_mib']} MiB",
            f"{host['cpus']:g}",
            str(host["pids"]),
            host["disk"],
        )
    Console().print(table)
    click.echo(f"\nlab {facts['name']} on {facts['subnet']}, limits by {facts['limits_by']}")
    click.echo(f"inventory  {facts['inventory'] or 'none (booted from a list of platforms)'}")
    click.echo(f"state      {facts['state_dir']} (consoles: hosts/<host>/console.log)")


@lab.command(context_settings={"ignore_unknown_options": True})
@NAME
@click.argument("host")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def ssh(name: str, host: str, command: tuple[str, ...]) -> None:
    """A shell on HOST, or one command: `holdfast lab ssh HOST -- COMMAND`."""
    from holdfast.lab.record import recorded

    lab, own = recorded(name)
    target = lab.host(host).name
    os.execvp("ssh", ["ssh", "-F", str(own.ssh_config), target, *command])  # noqa: S606 - arguments as a list, no shell


@lab.command()
@NAME
@click.argument("host")
def reset(name: str, host: str) -> None:
    """Make HOST anew under the same address and SSH host key."""
    from holdfast.lab import service
    from holdfast.lab.progress import progress

    with progress() as told:
        service.reset(name, host, told)


@lab.command()
@click.option("--release", type=click.Choice(RELEASES), default="bookworm", show_default=True)
def image(release: str) -> None:
    """Build the image of a release where it is missing, and say where it is."""
    from holdfast.lab import checks
    from holdfast.lab import image as images
    from holdfast.lab.progress import progress

    checks.preconditions([release])
    with progress() as told:
        root = images.ensure(release, told)
    click.echo(str(root))


@lab.command()
@NAME
@click.option("--days", type=click.IntRange(1, 3650), default=365, show_default=True)
@click.argument("host")
def certificate(name: str, days: int, host: str) -> None:
    """Reissue HOST's TLS certificate, valid for some days from now."""
    from holdfast.lab import service

    service.certificate(name, host, days)
    click.echo(f"{host}: certificate for {days} days placed; reload what serves it")


COMMANDS: list[click.Command] = [lab]
