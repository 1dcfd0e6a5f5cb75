"""Plans as of a git revision."""

import os
import subprocess
import tempfile
import tomllib
from pathlib import Path, PurePosixPath

from planner.errors import Problem, ScenarioError
from planner.files import Loaded, inert, load
from planner.files.bounds import LARGEST_FILE_BYTES

SECONDS = 20.0
LONGEST_CHAIN = 9


def at_revision(revision: str, path: Path, *, library: Path | None = None) -> Loaded:
    """Return the plan at `path` in `revision`, together with the files it extends there."""
    real = Path(os.path.realpath(path))
    root = Path(_git(["rev-parse", "--show-toplevel"], real.parent, revision).strip())
    commit = _git(
        ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"], root, revision
    ).strip()
    name = PurePosixPath(real.relative_to(os.path.realpath(root)).as_posix())
    with tempfile.TemporaryDirectory(prefix="planner-") as folder:
        copied = _copied(commit, name, root, Path(os.path.realpath(folder)), revision)
        try:
            return load(copied, library=_moved(library, root, Path(folder)))
        except ScenarioError as error:
            raise ScenarioError(error.problems, source=inert(f"{revision}:{name}")) from None


def _copied(commit: str, name: PurePosixPath, root: Path, folder: Path, revision: str) -> Path:
    """Write a file of a commit, and the files it extends, below `folder` under their own paths."""
    first = folder / name
    for _ in range(LONGEST_CHAIN):
        text = _blob(f"{commit}:{name}", root, f"{revision}:{name}")
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        parent = _extended(text)
        if parent is None:
            break
        above = Path(os.path.normpath(folder / name.parent / parent))
        if not above.is_relative_to(folder) or above.exists():
            break  # loading reports the problem
        name = PurePosixPath(above.relative_to(folder).as_posix())
    return first


def _blob(name: str, root: Path, wanted: str) -> str:
    """Return a file of a commit; one larger than a plan may be is rejected before it is read."""
    size = int(_git(["cat-file", "-s", name], root, wanted))
    if size > LARGEST_FILE_BYTES:
        raise _refused(wanted, f"has {size / 1e6:,.1f} MB; the limit is {LARGEST_FILE_BYTES / 1e6:.0f} MB.")
    return _git(["cat-file", "blob", name], root, wanted)


def _extended(text: str) -> str | None:
    try:
        parent = tomllib.loads(text).get("extends")
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    return parent if isinstance(parent, str) and parent and "\0" not in parent else None


def _moved(library: Path | None, root: Path, folder: Path) -> Path | None:
    if library is None:
        return None
    real, top = Path(os.path.realpath(library)), Path(os.path.realpath(root))
    return folder / real.relative_to(top) if real.is_relative_to(top) else library


def _git(arguments: list[str], folder: Path, wanted: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(  # noqa: S603 - fixed words; user input can't be read as an option
            command,
            capture_output=True,
            timeout=SECONDS,
            check=True,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise _refused(wanted, "needs git, which is not installed.") from None
    except subprocess.TimeoutExpired:
        raise _refused(wanted, "took git too long to read.") from None
    except subprocess.CalledProcessError as error:
        words = error.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ")
        what = f"is neither a file nor in git here{': ' + inert(words) if words else ''}."
        raise _refused(wanted, what) from None
    return done.stdout.decode("utf-8", "replace")


def _refused(wanted: str, what: str) -> ScenarioError:
    return ScenarioError([Problem(f'"{inert(wanted)[:200]}"', what)])
