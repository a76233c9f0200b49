"""Debian mirrors out of apt's own configuration, both formats."""

from pathlib import Path

import pytest
from holdfast.lab.errors import MissingError
from holdfast.lab.sources import (
    Mirrors,
    carried_options,
    choose_mirrors,
    parse_deb822,
    parse_one_line,
    read_sources,
)

DEB822 = """\
# first stanza
Types: deb deb-src
# a comment between fields
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By:
 /usr/share/keyrings/debian-archive-keyring.gpg
"""
KEY = "/usr/share/keyrings/debian-archive-keyring.gpg"
ONE_LINE = f"""\
# deb http://old.example/debian bookworm main
deb [signed-by={KEY}] http://m.example/debian/ bookworm main
deb-src http://m.example/debian bookworm main
deb http://m.example/debian-security bookworm-security main non-free-firmware # trailing
"""


def test_deb822_with_comments_and_folded_fields() -> None:
    mirrors = choose_mirrors(parse_deb822(DEB822))
    assert mirrors == Mirrors(
        "http://mirror.example/debian",
        "http://mirror.example/debian-security",
        ("/usr/share/keyrings/debian-archive-keyring.gpg",),
    )


def test_one_line_with_options_and_comments() -> None:
    mirrors = choose_mirrors(parse_one_line(ONE_LINE))
    assert mirrors.archive == "http://m.example/debian/"
    assert mirrors.security == "http://m.example/debian-security"
    assert mirrors.keyrings == ("/usr/share/keyrings/debian-archive-keyring.gpg",)


def test_a_disabled_or_source_stanza_does_not_count() -> None:
    text = DEB822.replace("Types: deb deb-src", "Types: deb-src")
    text += "\nTypes: deb\nEnabled: no\nURIs: http://off.example/debian\nSuites: bookworm\n"
    text += "Components: main\n"
    with pytest.raises(MissingError, match="no Debian archive"):
        choose_mirrors(parse_deb822(text))


@pytest.mark.parametrize(
    "line",
    [
        "deb https://download.example/linux/debian bookworm stable",
        "deb https://apt.example/ bookworm main",
        "deb https://nodes.example/node_20.x nodistro main",
        "deb https://cloud.example/apt cloud-sdk-bookworm main",
        "deb http://pg.example/pub/repos/apt bookworm-pgdg main",
    ],
)
def test_third_parties_are_never_taken_for_debian(line: str) -> None:
    mirrors = choose_mirrors([*parse_one_line(line), *parse_deb822(DEB822)])
    assert mirrors.archive == "http://mirror.example/debian"


def test_without_a_security_archive_it_says_what_to_add() -> None:
    with pytest.raises(MissingError, match=r"no Debian security archive; add them"):
        choose_mirrors(parse_one_line("deb http://m.example/debian bookworm main"))


def test_every_release_comes_from_the_same_mirrors() -> None:
    lines = Mirrors("http://a/debian", "http://a/debian-security").lines("trixie")
    assert lines == [
        "deb http://a/debian trixie main",
        "deb http://a/debian trixie-updates main",
        "deb http://a/debian-security trixie-security main",
    ]


def test_both_kinds_of_files_are_read_by_their_ending(tmp_path: Path) -> None:
    folder = tmp_path / "sources.list.d"
    folder.mkdir()
    (tmp_path / "sources.list").write_text("deb http://m.example/debian bookworm main\n")
    (folder / "debian.sources").write_text(DEB822)
    (folder / "note.txt").write_text("deb http://wrong.example/debian bookworm main\n")
    uris = [source.uris[0] for source in read_sources(tmp_path)]
    assert uris == [
        "http://m.example/debian",
        "http://mirror.example/debian",
        "http://mirror.example/debian-security",
    ]


def test_settings_without_which_the_mirror_cannot_be_reached_are_carried() -> None:
    dump = (
        'Acquire::http::Proxy "http://proxy.example:3128";\n'
        'Acquire::https::Proxy "";\n'
        'Acquire::Check-Valid-Until "false";\n'
        'Acquire::Languages:: "none";\n'
        'APT::Architecture "amd64";\n'
    )
    assert carried_options(dump) == [
        'Acquire::http::Proxy "http://proxy.example:3128";',
        'Acquire::Check-Valid-Until "false";',
    ]
