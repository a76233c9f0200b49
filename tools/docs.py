"""Generates reference pages from specs, and the option tables in the roles' READMEs.

`tools/docs.py` writes build/docs/reference and refreshes the tables;
`tools/docs.py --check` only says which README is out of date (exit 1).
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "docs" / "reference"
BEGIN, END = "<!-- options:begin -->", "<!-- options:end -->"
BIN = Path(sys.executable).parent
PIPE = "\\|"


def rows(options: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, ...]]:
    """(name, type, default, meaning) of every option, sub-options behind their parent."""
    for name, spec in options.items():
        kind = spec.get("type", "str")
        if "elements" in spec:
            kind = f"{kind} of {spec['elements']}"
        default = "required" if spec.get("required") else inline(spec.get("default"))
        text = spec.get("description", "")
        text = " ".join(text) if isinstance(text, list) else text
        if spec.get("choices"):
            text += f" One of {', '.join(f'`{choice}`' for choice in spec['choices'])}."
        yield f"`{prefix}{name}`", kind, default, " ".join(plain(text).split())
        for nested in ("options", "suboptions", "contains"):  # a role's, a module's, a result's
            yield from rows(spec.get(nested) or {}, f"{prefix}{name}.")


def plain(text: str) -> str:
    """Ansible's markup (`C(x)`, `O(x)`, ...) as Markdown code; links as their text."""
    text = re.sub(r"\b(?:C|O|V|RV|E|I|B)\(([^)]*)\)", r"`\1`", text)
    return re.sub(r"\b(?:P|M)\(([^)#]*)(?:#\w+)?\)", r"`\1`", text)


def inline(value: Any) -> str:
    """A default as a table cell."""
    return "" if value is None else f"`{json.dumps(value, ensure_ascii=False)}`"


def table(options: dict[str, Any]) -> str:
    """Markdown table of a spec's options."""
    lines = ["| option | type | default | meaning |", "|---|---|---|---|"]
    lines += [f"| {' | '.join(cell.replace('|', PIPE) for cell in row)} |" for row in rows(options)]
    return "\n".join(lines)


def role_spec(role: Path) -> dict[str, Any]:
    """The main entry point of a role's argument specs."""
    specs = yaml.safe_load((role / "meta/argument_specs.yml").read_text())["argument_specs"]
    return dict(specs["main"])


def with_table(readme: str, options: dict[str, Any]) -> str:
    """The README with its generated block renewed.

    Raises:
        ValueError: the markers are missing.
    """
    if BEGIN not in readme or END not in readme:
        raise ValueError(f"expected the markers {BEGIN} and {END}, found none; add them")
    head, rest = readme.split(BEGIN, 1)
    tail = rest.split(END, 1)[1]
    return f"{head}{BEGIN}\n{table(options)}\n{END}{tail}"


def refresh_roles(check: bool) -> list[str]:
    """Renew (or with check only compare) each role's table; the stale READMEs."""
    stale = []
    for role in sorted(path for path in (ROOT / "roles").iterdir() if path.is_dir()):
        readme = role / "README.md"
        current = readme.read_text()
        renewed = with_table(current, role_spec(role).get("options", {}))
        if renewed != current:
            stale.append(str(readme.relative_to(ROOT)))
            if not check:
                readme.write_text(renewed)
    return stale


def plugin_page(kind: str, name: str) -> str:
    """Reference page of one plugin, from ansible-doc."""
    command = [str(BIN / "ansible-doc"), "-t", kind, "--json", name]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    entry = json.loads(done.stdout)[name]
    doc = entry["doc"]
    text = doc["description"]
    parts = [f"# {name}", plain(doc["short_description"])]
    parts += [plain(line) for line in ([text] if isinstance(text, str) else text)]
    if doc.get("options"):
        parts += ["## Options", table(doc["options"])]
    if entry.get("examples"):
        parts += ["## Examples", f"```yaml\n{entry['examples'].strip()}\n```"]
    if entry.get("return"):
        parts += ["## Returns", table(entry["return"])]
    return "\n\n".join(parts) + "\n"


def plugins() -> Iterator[tuple[str, str]]:
    """(kind, full name) of each documented plugin of the collection."""
    for folder, kind in (("modules", "module"), ("inventory",) * 2, ("callback",) * 2):
        for path in sorted((ROOT / "plugins" / folder).glob("[a-z]*.py")):
            yield kind, f"holdfast.ops.{path.stem}"


def write_reference() -> int:
    """Write build/docs/reference; how many pages."""
    OUT.mkdir(parents=True, exist_ok=True)
    pages = {f"{kind}-{name.rsplit('.')[-1]}": plugin_page(kind, name) for kind, name in plugins()}
    for role in sorted(path for path in (ROOT / "roles").iterdir() if path.is_dir()):
        spec = role_spec(role)
        head = f"# Role {role.name}\n\n{spec.get('short_description', '')}\n\n"
        pages[f"role-{role.name}"] = head + table(spec.get("options", {})) + "\n"
    for kind in ("client", "plans", "provider"):
        command = [str(BIN / "holdfast"), "schema", kind]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        (OUT / f"{kind}.schema.json").write_text(done.stdout)
    for name, text in pages.items():
        (OUT / f"{name}.md").write_text(text)
    index = "\n".join(f"- [{name}]({name}.md)" for name in sorted(pages))
    (OUT / "README.md").write_text(f"# Reference\n\nGenerated from the specs.\n\n{index}\n")
    return len(pages)


def main() -> int:
    """0, or 1 when --check found stale tables."""
    check = "--check" in sys.argv[1:]
    stale = refresh_roles(check)
    if check:
        print("\n".join(f"{name}: option table out of date; run `make docs`" for name in stale))
        return 1 if stale else 0
    print(
        f"docs: {write_reference()} pages in {OUT.relative_to(ROOT)}; renewed {stale or 'nothing'}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
