"""What the repository's rules look at: its files, roles, plugins."""

import functools
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@functools.cache
def files() -> tuple[str, ...]:
    """Files that git knows or would add, relative to the root, without links."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "-z"]
    out = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    names = sorted(name for name in out.split("\0") if name)
    return tuple(n for n in names if (ROOT / n).is_file() and not (ROOT / n).is_symlink())


def matching(*patterns: str) -> list[Path]:
    """Files that match any of the patterns (Path.match, relative to the root)."""
    return [ROOT / name for name in files() if any(Path(name).match(p) for p in patterns)]


def below(folder: str, suffix: str = "") -> list[Path]:
    """Files below a folder of the root, by ending."""
    return [ROOT / n for n in files() if n.startswith(f"{folder}/") and n.endswith(suffix)]


def roles() -> list[Path]:
    """Each role's folder."""
    return sorted(
        {ROOT / "roles" / name.split("/")[1] for name in files() if name.startswith("roles/")}
    )


def modules() -> list[Path]:
    """Each module's file."""
    return [path for path in below("plugins/modules", ".py") if path.stem != "__init__"]


def short(path: Path) -> str:
    """A path as the messages show it."""
    return str(path.relative_to(ROOT))
