"""Debian mirrors as this machine's own apt knows them: the image is built from the same."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from holdfast.lab.errors import MissingError

APT = Path("/etc/apt")
CODENAMES = ("bullseye", "bookworm", "trixie", "forky", "sid")
ALIASES = ("stable", "oldstable", "testing", "unstable")
SUITE = re.compile(rf"^(?:{'|'.join((*CODENAMES, *ALIASES))})(-updates|-security)?(?:/updates)?$")
#: apt settings that decide whether this machine's mirrors can be reached at all.
CARRIED = re.compile(r"^Acquire::(?:https?::(?:.*::)?Proxy|Check-Valid-Until|Check-Date)\b")


@dataclass(frozen=True)
class Source:
    """One repository entry of apt.

    signed_by: keyring files (absolute); empty where apt's trusted keys count.
    """

    uris: tuple[str, ...]
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mirrors:
    """Where Debian comes from: the archive, the security archive, the keyrings to check them."""

    archive: str
    security: str
    keyrings: tuple[str, ...] = ()

    def lines(self, release: str) -> list[str]:
        """The one-line entries of a release's image."""
        return [
            f"deb {self.archive} {release} main",
            f"deb {self.archive} {release}-updates main",
            f"deb {self.security} {release}-security main",
        ]


def _keyrings(value: str) -> tuple[str, ...]:
    """Keyring files of a Signed-By; fingerprints and embedded keys are left out."""
    return tuple(word for word in re.split(r"[\s,]+", value) if word.startswith("/"))


def parse_one_line(text: str) -> Iterator[Source]:
    """Entries of a sources.list in the one-line format."""
    entry = re.compile(r"^deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<uri>\S+)\s+(?P<rest>.+)$")
    for raw in text.splitlines():
        line = raw.split("#", 1)[0].strip()
        found = entry.match(line)
        if not found:
            continue
        options = dict(
            option.split("=", 1) for option in (found["options"] or "").split() if "=" in option
        )
        suite, *components = found["rest"].split()
        yield Source(
            (found["uri"],),
            (suite,),
            tuple(components),
            _keyrings(options.get("signed-by", "")),
        )


def parse_deb822(text: str) -> Iterator[Source]:
    """Entries of a .sources file (deb822 stanzas)."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for stanza in re.split(r"\n\s*\n", "\n".join(lines)):
        fields: dict[str, str] = {}
        name = ""
        for line in stanza.splitlines():
            if line[:1].isspace():
                fields[name] = f"{fields.get(name, '')} {line.strip()}"
            elif ":" in line:
                name, _, value = line.partition(":")
                name = name.strip().lower()
                fields[name] = value.strip()
        enabled = fields.get("enabled", "yes").lower() not in {"no", "false", "0"}
        if enabled and "deb" in fields.get("types", "").split():
            yield Source(
                tuple(fields.get("uris", "").split()),
                tuple(fields.get("suites", "").split()),
                tuple(fields.get("components", "").split()),
                _keyrings(fields.get("signed-by", "")),
            )


def read_sources(apt: Path = APT) -> list[Source]:
    """Every enabled entry of this machine, both formats."""
    found: list[Source] = []
    for path in [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]:
        if path.suffix == ".list" and path.is_file():
            found += parse_one_line(path.read_text(errors="replace"))
        elif path.suffix == ".sources" and path.is_file():
            found += parse_deb822(path.read_text(errors="replace"))
    return found


def _is_debian(source: Source, uri: str) -> bool:
    """Whether an entry is Debian's own archive: third parties use its suite names as well."""
    own_keys = any("debian-archive" in key for key in source.signed_by)
    folder = uri.rstrip("/").rsplit("/", 1)[-1]
    return "main" in source.components and (own_keys or folder.startswith("debian"))


def choose_mirrors(sources: Iterable[Source]) -> Mirrors:
    """Debian's archive and security archive among apt's entries.

    Raises:
        MissingError: there is none, or no security archive.
    """
    archive = security = ""
    keyrings: tuple[str, ...] = ()
    for source in sources:
        for uri in (uri for uri in source.uris if _is_debian(source, uri)):
            kinds = {found[1] for suite in source.suites if (found := SUITE.match(suite))}
            if None in kinds and not archive:
                archive, keyrings = uri, (*keyrings, *source.signed_by)
            if "-security" in kinds and not security:
                security, keyrings = uri, (*keyrings, *source.signed_by)
    if not archive or not security:
        lacking = "no Debian archive" if not archive else "no Debian security archive"
        raise MissingError(
            f"expected Debian's archive and its security archive in {APT}/sources.list "
            f"or {APT}/sources.list.d, found {lacking}; add them (component main) and try again"
        )
    return Mirrors(archive, security, tuple(dict.fromkeys(keyrings)))


def carried_options(dump: str) -> list[str]:
    """Settings of `apt-config dump` that the image's apt needs to reach the same mirrors."""
    lines = (line.strip() for line in dump.splitlines())
    return [line for line in lines if CARRIED.match(line) and '""' not in line]
