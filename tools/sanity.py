"""Runs ansible-test sanity on a copy of what the artefact ships, with PyPI alone.

ansible-test fetches an installer for pip from a host that package mirrors do not
carry. Where its cache lacks that file, a stand-in that uses Python's own
ensurepip is put there: the same pip, from the interpreter.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Each run has a folder of its own: two at once must not pull it from under each other.
PLACE = ROOT / "build" / "sanity" / str(os.getpid())
COPY = PLACE / "ansible_collections" / "holdfast" / "ops"
SHIPPED = ("galaxy.yml", "README.md", "LICENSE", "meta", "plugins", "roles", "playbooks")
EXTRA = ("tests/sanity", "changelogs")
STAND_IN = """\
import subprocess, sys
ensure = [sys.executable, "-m", "ensurepip", "--default-pip"]
subprocess.check_call(ensure, stdout=subprocess.DEVNULL)
options = [arg for arg in sys.argv[1:] if arg not in ("--no-setuptools", "--no-wheel")]
sys.exit(subprocess.call([sys.executable, "-m", "pip", "install", *options]))
"""


def home() -> Path:
    """A home of its own for ansible-test, kept between runs (its venvs are slow to build)."""
    base = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return base / "holdfast" / "ansible-test"


def tracked() -> list[str]:
    """Files of the artefact that git knows or would add."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "-z", "--", *SHIPPED, *EXTRA]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [name for name in names.split("\0") if name and (ROOT / name).is_file()]


def copy_tree() -> int:
    """Copy the artefact's files afresh; how many."""
    files = tracked()
    for name in files:
        target = COPY / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    # ansible-test lists files through git; without a repository here it would ask ours,
    # which ignores build/ and so has nothing to test.
    (COPY / ".gitignore").write_text("/tests/output/\n")  # else it tests its own venv
    subprocess.run(["git", "init", "-q"], cwd=COPY, check=True)
    subprocess.run(["git", "add", "-A"], cwd=COPY, check=True)
    return len(files)


def installer_name() -> str:
    """The name ansible-test looks for in its cache (`get_pip_<version>.py`).

    Raises:
        RuntimeError: this ansible-test does not name one any more.
    """
    import ansible_test._internal.python_requirements as requirements

    found = re.search(r"\bpip='([0-9.]+)'", Path(requirements.__file__).read_text())
    if not found:
        raise RuntimeError("expected ansible-test to name its pip installer, found none")
    return f"get_pip_{found.group(1).replace('.', '_')}.py"


def provide_installer() -> None:
    """Put the stand-in where ansible-test caches its installer, unless it has one."""
    cache = home() / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    target = cache / installer_name()
    if not target.exists():
        target.write_text(STAND_IN)


def main() -> int:
    """ansible-test's own exit code."""
    try:
        return test()
    finally:
        shutil.rmtree(PLACE, ignore_errors=True)


def test() -> int:
    """Copy, provide, run."""
    print(f"sanity: {copy_tree()} files copied")
    provide_installer()
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    command = ["ansible-test", "sanity", "--venv", "--python", python, "--color", "no"]
    env = dict(os.environ, HOME=str(home()))
    env["PATH"] = f"{Path(sys.executable).parent}:{env['PATH']}"
    done = subprocess.run(
        [*command, *sys.argv[1:]], cwd=COPY, env=env, check=False, text=True, stderr=subprocess.PIPE
    )
    print(done.stderr, end="")
    if "All targets skipped" in done.stderr:
        print("sanity: expected files to test, but ansible-test skipped every target")
        return 1
    print(
        f"sanity: {'no finding, and nothing ignored' if not done.returncode else 'findings above'}"
    )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
