"""Every trick that speeds up a cold start, in one place, each with its saving.

Measured with `python tests/benchmarks/startup.py`, which runs `planner diff`, or the screen up to its first paint, with
and without a trick in turns, so that both see the same machine. A trick that saves less than 2 % is dropped.
The figures are in `docs/performance.md`.

- `without_plugins`, `without_docstrings`, `without_palette`, `without_tls`, `one_thread_for_matrices`,
  `seldom_collected` and `leave`: below, called by the command line.
- `lazily`: a package imports a name's module when the name is first used. A module that is costly to load (Textual,
  the price package, a writer of files) is imported inside the function that needs it, with the reason beside it.
- `planner.records`: frozen dataclasses that share their methods; the standard library compiles six per class.
  `share_methods` lets the dataclasses of libraries do so too.
- `.ci/compiled.py`: an editable install writes bytecode, as pip does for any other.

`keeping_freed_memory` and `at_rest` speed up evaluation and the screen, not the start.
"""

import gc
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from types import ModuleType
from typing import Any, NoReturn, TextIO

from planner.records import share_methods

COLLECT_SELDOM = (400_000, 20, 20)  # imports allocate much and free little, so collections find nothing
COLLECT_OFTEN = (20_000, 20, 20)  # a screen stays open for a long time and must not grow
UNWRITTEN = 2  # output could not be written
LAST_STANDARD_STREAM = 2
SAFE_PATH = "-P"  # Python's switch that keeps the working folder off the path
THREADS_OF_MATRICES = "OPENBLAS_NUM_THREADS"


def prepare() -> None:
    """Apply everything that must precede the import of numpy and pydantic."""
    whole_streams()
    without_plugins()
    without_docstrings()
    without_palette()
    share_methods()
    one_thread_for_matrices()
    seldom_collected()


def whole_streams() -> None:
    """Replace closed standard streams, so that no file opened later takes their place."""
    while (lowest := os.open(os.devnull, os.O_RDWR)) <= LAST_STANDARD_STREAM:
        os.set_inheritable(lowest, True)
    os.close(lowest)
    sys.stdin = sys.stdin or open(os.devnull)  # noqa: PTH123, SIM115 - lives as long as the process
    sys.stdout = sys.stdout or open(os.devnull)  # noqa: PTH123, SIM115 - to be read only: printing is refused
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: PTH123, SIM115 - nobody hears what it says


def own_command() -> list[str]:
    """Return the command that starts this planner again without importing from the working folder."""
    home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - pathlib is loaded late
    return [
        sys.executable,
        SAFE_PATH,
        "-c",
        f"import sys; sys.path.append({home!r}); from planner.cli import main; main()",
    ]


class StandIn(ModuleType):
    """A placeholder for a module the planner doesn't need; other attributes load the real module."""

    def __getattr__(self, name: str) -> Any:
        """Load the real module."""
        if name.startswith("__"):
            raise AttributeError(name)
        sys.modules.pop(self.__name__, None)
        return getattr(import_module(self.__name__), name)


def stand_in(module: str, **names: Any) -> None:
    """Put a placeholder with only these names in place of a module not yet loaded."""
    instead = StandIn(module)
    vars(instead).update(names)
    sys.modules.setdefault(module, instead)


def without_plugins() -> None:
    """Skip pydantic's search for plugins in all packages, and the imports it needs for that."""
    stand_in("pydantic.plugin._loader", get_plugins=tuple)


def without_docstrings() -> None:
    """Skip the docstrings that numpy adds to its compiled functions for `help`."""
    stand_in("numpy._core._add_newdocs")
    stand_in("numpy._core._add_newdocs_scalars")


class Unused:
    """Modules that the screen doesn't need."""


def without_palette() -> None:
    """Skip Textual's command palette and its widgets, since the screen has its own help."""
    parts = ("CommandPalette", "CommandListItem", "Provider", "SimpleProvider", "DiscoveryHit", "Hit", "Hits")
    stand_in("textual.command", **dict.fromkeys(parts, Unused))


def without_tls() -> None:
    """Load modules without OpenSSL (5 MB): the screen makes no connections. `import ssl` still works later."""
    kept_out: dict[str, Any] = dict.fromkeys({"ssl", "_hashlib"} - sys.modules.keys())
    sys.modules.update(kept_out)
    for module in ("asyncio", "hashlib", "hmac"):
        import_module(module)
    for module in kept_out:
        del sys.modules[module]


def one_thread_for_matrices() -> None:
    """Keep numpy's matrix library single-threaded: waiting threads cost more than all our small products."""
    os.environ.setdefault(THREADS_OF_MATRICES, "1")


def seldom_collected() -> None:
    """Run the garbage collector rarely while modules load."""
    gc.set_threshold(*COLLECT_SELDOM)


def at_rest() -> None:
    """Exclude objects alive after the first paint from later collections, and collect often enough for a screen."""
    gc.freeze()
    gc.set_threshold(*COLLECT_OFTEN)


_LEAVE_IN_ORDER = ("textual", "multiprocessing.synchronize")


def leave(code: int) -> NoReturn:
    """End the process once all output is written, without tearing down libraries one by one.

    A screen exits normally: Textual must stop threads and restore the terminal. So does work in several
    processes: their locks must be released by name, or Python's resource tracker complains on stderr.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (BrokenPipeError, ValueError):
            forget(stream)
        except OSError:  # the disk is full, or the terminal is gone
            forget(stream)
            code = code or UNWRITTEN
    if any(name in sys.modules for name in _LEAVE_IN_ORDER):
        sys.exit(code)
    os._exit(code)


def forget(stream: TextIO) -> None:
    """Stop writing to a stream whose reader is gone, even at exit."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def lazily(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return a package's `__getattr__`, which imports a name's module when the name is first used.

    `homes` gives the names in each module of the package, separated by commas.
    """
    home_of = {name: home for home, names in homes.items() for name in names.split(", ")}

    def found(name: str) -> Any:
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{home_of[name]}"), name)

    return found


def keeping_freed_memory() -> None:
    """Make the C library keep freed memory, up to 16 MB, instead of returning it to the system.

    Freeing one 8 MB block achieves this: glibc then raises its limit to twice that. See M_MMAP_THRESHOLD in mallopt(3).
    """
    import numpy as np  # noqa: PLC0415 - most of a start is over before numpy is needed

    np.empty(2**20)
