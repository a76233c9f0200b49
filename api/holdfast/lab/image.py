"""Images of lab hosts: one root folder a release and recipe, built once, never changed."""

import hashlib
import json
import os
import shlex
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from holdfast.lab import paths
from holdfast.lab.errors import LabError, MissingError
from holdfast.lab.locks import held, locked
from holdfast.lab.process import run
from holdfast.lab.progress import Progress
from holdfast.lab.sources import carried_options, choose_mirrors, read_sources

RELEASES = ("bookworm", "trixie")
HERE = Path(__file__).parent
CUSTOMIZE = HERE / "customize.sh"
#: Raised when command() comes to put something else into an image.
METHOD = "3"
PACKAGES = tuple(json.loads((HERE / "packages.json").read_text()))
#: Manual pages and translations are a third of the files and never read on a lab host.
UNPACKED = (
    "path-exclude=/usr/share/man/*",
    "path-exclude=/usr/share/locale/*",
    "path-exclude=/usr/share/doc/*",
    "path-include=/usr/share/doc/*/copyright",
    # A build that is cut off is thrown away whole: nothing has to reach the disk file by file.
    "force-unsafe-io",
)
LONG_AGO = 1_577_836_800  # 2020-01-01
SPACE_MIB = 3072
TRIES = 3


@dataclass(frozen=True)
class Recipe:
    """All that decides what is in an image."""

    release: str
    packages: tuple[str, ...] = PACKAGES
    unpacked: tuple[str, ...] = UNPACKED

    @property
    def name(self) -> str:
        """The image's folder name: the release and the hash of the recipe."""
        parts = [METHOD, self.release, *self.packages, *self.unpacked, CUSTOMIZE.read_text()]
        return f"{self.release}-{hashlib.sha256(chr(10).join(parts).encode()).hexdigest()[:12]}"


def recipe(release: str) -> Recipe:
    """The recipe of a release.

    Raises:
        LabError: no such release.
    """
    if release not in RELEASES:
        raise LabError(f"expected a release of {', '.join(RELEASES)}, found '{release}'")
    return Recipe(release)


def root_of(release: str) -> Path:
    """Where the release's image is, built or not."""
    return paths.images() / recipe(release).name / "root"


def is_built(release: str) -> bool:
    """Whether the image can be used."""
    return root_of(release).is_dir()


def ensure(release: str, progress: Progress) -> Path:
    """The image's root folder; built first where it is missing.

    Raises:
        LabError: it cannot be built.
    """
    root = root_of(release)
    if root.is_dir():
        return root
    subject = f"image {release}"
    progress.start(subject, "preparing")
    with locked(lock_of(root), lambda: progress.step(subject, "another build runs, waiting")):
        if not root.is_dir():
            build(recipe(release), root, progress)
            progress.done(subject, "built")
    return root


def lock_of(root: Path) -> Path:
    """The lock that one builder of this image holds."""
    return paths.locks() / f"image-{root.parent.name}.lock"


def build(wanted: Recipe, root: Path, progress: Progress) -> None:
    """Build into a draft folder that becomes the image by one rename; the lock is held.

    Raises:
        LabError: after several tries; names the log.
    """
    require_space(paths.images(), SPACE_MIB)
    draft = paths.images() / f".draft-{wanted.name}"
    log = paths.images() / f"{wanted.name}.log"
    for attempt in range(1, TRIES + 1):
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        if make_root(wanted, draft / "root", log, progress) == 0:
            age_lists(draft / "root")
            facts = {"release": wanted.release, "packages": list(wanted.packages)}
            (draft / "image.json").write_text(json.dumps(facts, indent=1))
            draft.rename(root.parent)
            return
        progress.say(f"image {wanted.release}: try {attempt} of {TRIES} failed, see {log}")
        if attempt < TRIES:
            time.sleep(3 * attempt)
    shutil.rmtree(draft, ignore_errors=True)
    tail = [line for line in log.read_text(errors="replace").splitlines() if line[:2] == "E:"]
    raise LabError(
        f"expected an image of {wanted.release}, found that mmdebstrap failed {TRIES} times: "
        f"{' '.join(tail[-3:]) or 'no reason given'}; the whole log: {log}"
    )


def age_lists(root: Path) -> None:
    """apt takes a new mtime for fresh lists, and the image's are empty: make it look again."""
    for folder in (root / "var/lib/apt/lists", root / "var/lib/apt/lists/partial"):
        if folder.is_dir():
            os.utime(folder, (LONG_AGO, LONG_AGO))


def make_root(wanted: Recipe, target: Path, log: Path, progress: Progress) -> int:
    """One run of mmdebstrap; its exit code. Tells each of its stages as it comes."""
    store = paths.cache(wanted.release)
    store.mkdir(parents=True, exist_ok=True)
    with log.open("w") as out:
        process = subprocess.Popen(
            command(wanted, target, store),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        for line in process.stdout or ():
            out.write(line)
            if line.startswith("I: "):
                progress.step(f"image {wanted.release}", line[3:].strip().rstrip("."))
        return process.wait()


def command(wanted: Recipe, target: Path, store: Path) -> list[str]:
    """The mmdebstrap call: mirrors of this machine, packages kept in `store` for the next build."""
    mirrors = choose_mirrors(read_sources())
    kept = shlex.quote(str(store))
    archives = "/var/cache/apt/archives/"
    options = ['Acquire::Languages "none";', 'Acquire::Retries "5";']
    options += carried_options(run(["apt-config", "dump"]))
    return [
        # Dies with its starter, and with it everything it started and mounted.
        *("setpriv", "--pdeathsig", "KILL"),
        *("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"),
        "mmdebstrap",
        "--mode=root",
        "--variant=minbase",
        "--format=directory",
        "--verbose",
        f"--include={','.join(wanted.packages)}",
        *(f"--aptopt={option}" for option in options),
        *(f"--dpkgopt={option}" for option in wanted.unpacked),
        *(f"--keyring={path}" for path in mirrors.keyrings if Path(path).is_file()),
        "--skip=essential/unlink",  # the archives stay for sync-out
        f'--setup-hook=mkdir -p "$1"{archives}',
        f"--setup-hook=sync-in {kept} {archives}",
        f"--customize-hook=sync-out {archives} {kept}",
        f'--customize-hook={shlex.quote(str(CUSTOMIZE))} "$1"',
        wanted.release,
        str(target),
        *mirrors.lines(wanted.release),
    ]


def require_space(folder: Path, mebibytes: int) -> None:
    """See that a folder's disk has room.

    Raises:
        MissingError: it has not.
    """
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free // 2**20
    if free < mebibytes:
        raise MissingError(
            f"expected {mebibytes} MiB free for {folder}, found {free} MiB; "
            "make room or set HOLDFAST_STATE to a larger disk"
        )


def purge(progress: Progress) -> None:
    """Remove images and cached packages; one that is being built is left alone."""
    folder = paths.images()
    for entry in sorted(folder.iterdir()) if folder.is_dir() else []:
        name = entry.name.removeprefix(".draft-").removesuffix(".log")
        if held(paths.locks() / f"image-{name}.lock"):
            progress.say(f"image {name} is being built: left alone")
        elif entry.is_dir():
            shutil.rmtree(entry)
            progress.say(f"removed image {name}")
        else:
            entry.unlink()
    shutil.rmtree(paths.cache("any").parent, ignore_errors=True)
