"""Every trick that makes a cold start cheap, in one place, each with what it saves.

Measured with `python tests/benchmarks/startup.py`, which runs `planner diff`, or the screen up to its first paint, with
and without a trick in turns, so that both meet the same machine. A trick that saves less than 2 % of that is dropped.
The figures are in `docs/performance.md`.

- `without_plugins`, `without_docstrings`, `without_palette`, `without_tls`, `one_thread_for_matrices`,
  `seldom_collected` and `leave`: below, called by the command line.
- `lazily`: a package imports a name's module when the name is asked for. A module that is costly to load (Textual,
  the price package, a writer of files) is imported inside the function that needs it, with the reason beside it.
- `planner.records`: frozen dataclasses that share their methods; the standard library compiles six for each class.
  `share_methods` lets the dataclasses of libraries do so too.
- `.ci/compiled.py`: an editable install writes bytecode, as pip does for any other.

`keeping_freed_memory` and `at_rest` are for what runs on: they make evaluation and the screen cheaper, not the start.
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

COLLECT_SELDOM = (400_000, 20, 20)  # imports allocate much and drop little: looking through it finds nothing
COLLECT_OFTEN = (20_000, 20, 20)  # a screen is open for long, and need not grow
UNWRITTEN = 2  # what is printed did not get to where it should
LAST_STANDARD_STREAM = 2
SAFE_PATH = "-P"  # Python's switch that keeps the working folder off the path
THREADS_OF_MATRICES = "OPENBLAS_NUM_THREADS"


def prepare() -> None:
    """Do what must come before numpy and pydantic are imported."""
    whole_streams()
    without_plugins()
    without_docstrings()
    without_palette()
    share_methods()
    one_thread_for_matrices()
    seldom_collected()


def whole_streams() -> None:
    """Let something stand in for a standard stream that was closed: no file that is opened later may take its place."""
    while (lowest := os.open(os.devnull, os.O_RDWR)) <= LAST_STANDARD_STREAM:
        os.set_inheritable(lowest, True)
    os.close(lowest)
    sys.stdin = sys.stdin or open(os.devnull)  # noqa: PTH123, SIM115 - lives as long as the process
    sys.stdout = sys.stdout or open(os.devnull)  # noqa: PTH123, SIM115 - to be read only: printing is refused
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: PTH123, SIM115 - nobody hears what it says


def own_command() -> list[str]:
    """Return the words that start this planner again, with nothing imported from the working folder."""
    home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - pathlib is loaded late
    return [
        sys.executable,
        SAFE_PATH,
        "-c",
        f"import sys; sys.path.append({home!r}); from planner.cli import main; main()",
    ]


class StandIn(ModuleType):
    """Stands in for a module that the planner has no use for; what else is asked of it comes from the module itself."""

    def __getattr__(self, name: str) -> Any:
        """Load the module in earnest."""
        if name.startswith("__"):
            raise AttributeError(name)
        sys.modules.pop(self.__name__, None)
        return getattr(import_module(self.__name__), name)


def stand_in(module: str, **names: Any) -> None:
    """Let a module that is not loaded yet hold these names and nothing else."""
    instead = StandIn(module)
    vars(instead).update(names)
    sys.modules.setdefault(module, instead)


def without_plugins() -> None:
    """Spare pydantic the search for plugins among all packages, and the packages that it imports for that."""
    stand_in("pydantic.plugin._loader", get_plugins=tuple)


def without_docstrings() -> None:
    """Spare numpy to give its compiled functions the docstrings that `help` shows."""
    stand_in("numpy._core._add_newdocs")
    stand_in("numpy._core._add_newdocs_scalars")


class Unused:
    """What the screen has no use for."""


def without_palette() -> None:
    """Spare Textual its command palette, and the widgets that it is made of: the screen has a help of its own."""
    parts = ("CommandPalette", "CommandListItem", "Provider", "SimpleProvider", "DiscoveryHit", "Hit", "Hits")
    stand_in("textual.command", **dict.fromkeys(parts, Unused))


def without_tls() -> None:
    """Load without OpenSSL (5 MB) what would use it: the screen speaks to nobody. `import ssl` works after it."""
    kept_out: dict[str, Any] = dict.fromkeys({"ssl", "_hashlib"} - sys.modules.keys())
    sys.modules.update(kept_out)
    for module in ("asyncio", "hashlib", "hmac"):
        import_module(module)
    for module in kept_out:
        del sys.modules[module]


def one_thread_for_matrices() -> None:
    """Let numpy's matrix library start no threads: their waiting costs more than all our small products."""
    os.environ.setdefault(THREADS_OF_MATRICES, "1")


def seldom_collected() -> None:
    """Look for unreachable objects seldom while modules are loaded."""
    gc.set_threshold(*COLLECT_SELDOM)


def at_rest() -> None:
    """Leave what is there after the first paint out of later collections, and collect often enough for a screen."""
    gc.freeze()
    gc.set_threshold(*COLLECT_OFTEN)


_LEAVE_IN_ORDER = ("textual", "multiprocessing.synchronize")


def leave(code: int) -> NoReturn:
    """End the process once all output is written, without taking the libraries down one by one.

    A screen takes its leave in order: Textual has threads and a terminal to give back. So does work in several
    processes: their locks are given back by name, else Python's own tracker complains of them on stderr.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (BrokenPipeError, ValueError):
            forget(stream)
        except OSError:  # the disk is full, or the terminal gone
            forget(stream)
            code = code or UNWRITTEN
    if any(name in sys.modules for name in _LEAVE_IN_ORDER):
        sys.exit(code)
    os._exit(code)


def forget(stream: TextIO) -> None:
    """Let nothing more be written to a reader that is gone, not even at exit."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def lazily(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return a package's `__getattr__`, which imports the module of a name when the name is asked for.

    `homes` says which names each module of the package holds, parted by commas.
    """
    home_of = {name: home for home, names in homes.items() for name in names.split(", ")}

    def found(name: str) -> Any:
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{home_of[name]}"), name)

    return found


def keeping_freed_memory() -> None:
    """Make the C library keep freed memory, up to 16 MB, instead of handing it back to the system.

    Freeing one block of 8 MB does: glibc then raises its limit to twice that. See M_MMAP_THRESHOLD in mallopt(3).
    """
    import numpy as np  # noqa: PLC0415 - most of a start is over before numpy is needed

    np.empty(2**20)
