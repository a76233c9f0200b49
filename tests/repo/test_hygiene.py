"""House rules: no registry hosts, machine paths or secrets; honest lint set-ups; living links."""

import re
from pathlib import Path

import pytest
import yaml

from tests.repo import tree

# Written in pieces so that this file does not contain what it looks for.
REGISTRIES = ["pypi" + ".org", "python" + "hosted", "registry." + "npmjs", "deb." + "debian.org"]
REGISTRIES += ["security." + "debian.org", "ftp." + "debian.org", "galaxy." + "ansible.com"]
MACHINE = ["/wo" + "rk/", "/ro" + "ot/w/", "/far" + "m/", "/opt/" + "wheels"]
SECRET = re.compile(
    r"-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----\n[A-Za-z0-9+/]"
    r"|AKIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{36}"
)
WEAK = re.compile(
    r"(?i)\b(?:password|passwd|secret|token)\s*[:=]\s*[\"']?(?:changeme|admin|password|secret|test123)\b"
)


def texts() -> list[tuple[str, str]]:
    return [(n, (tree.ROOT / n).read_text(errors="replace")) for n in tree.files()]


@pytest.mark.parametrize("word", REGISTRIES + MACHINE)
def test_no_registry_host_and_no_machine_path(word: str) -> None:
    assert [name for name, text in texts() if word in text] == []


def test_no_secret_is_committed() -> None:
    # Tests may hold words that look like secrets, for they prove masking.
    assert [n for n, text in texts() if SECRET.search(text)] == []
    assert [n for n, text in texts() if WEAK.search(text) and not n.startswith("tests/")] == []


def test_the_secret_rule_finds_one() -> None:
    assert SECRET.search("-----BEGIN PRIVATE KEY" + "-----\nMIIEv")
    assert WEAK.search("admin_password: 'change" + "me'".replace("admin_", "")) or WEAK.search(
        "password: change" + "me"
    )


def test_lint_hides_nothing() -> None:
    lint = yaml.safe_load((tree.ROOT / ".ansible-lint").read_text())
    assert lint["profile"] == "production"
    assert not lint.get("skip_list")
    assert not lint.get("warn_list")
    ignores = tree.matching("tests/sanity/ignore*.txt")
    assert ignores
    assert [tree.short(p) for p in ignores if p.read_text().strip()] == []
    assert not (tree.ROOT / ".ansible-lint-ignore").exists()


def test_noqa_gives_its_reason() -> None:
    # Either the reason follows on the line, or a comment stands just above it.
    wrong = []
    for path in [p for p in tree.matching("*.py") if "tests" not in p.parts]:
        lines = path.read_text().splitlines()
        for number, line in enumerate(lines):
            bare = re.search(r"# (?:noqa|type: ignore)[^#]*$", line)
            above = lines[number - 1].strip().startswith("#") if number else False
            if (
                bare
                and not above
                and not re.search(r"(?:noqa|ignore)\S*:? ?[A-Z0-9, \[\]a-z-]* [-—#] \S", line)
            ):
                wrong.append(f"{tree.short(path)}:{number + 1} {line.strip()}")
    assert wrong == []


@pytest.mark.parametrize("name", ["run", "test", "collections"])
def test_lock_files_are_hashed_and_name_no_index(name: str) -> None:
    text = (tree.ROOT / f"requirements/{name}.txt").read_text()
    pins = re.findall(r"^[a-z0-9][^\s=]*==\S+", text, re.MULTILINE)
    assert pins
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", text)) >= len(pins)
    assert "index-url" not in text
    assert "http" not in text


def links(path: Path) -> list[str]:
    text = re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)
    found = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    return [link for link in found if "://" not in link and not link.startswith("mailto:")]


def test_links_of_the_pages_lead_somewhere() -> None:
    pages = tree.matching("*.md")
    assert pages
    dead = [
        f"{tree.short(p)} -> {link}"
        for p in pages
        for link in links(p)
        if not (p.parent / link).exists() and not link.startswith("../../build")
    ]
    assert dead == []


def test_shell_scripts_stop_at_the_first_failure() -> None:
    loose = []
    for name, text in texts():
        if (
            text.startswith("#!/")
            and "bash" in text.splitlines()[0]
            and "set -euo pipefail" not in text
        ):
            loose.append(name)
    assert loose == []
