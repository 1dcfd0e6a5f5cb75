"""Run one command, and turn whatever goes wrong into words and an exit code."""

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from types import ModuleType
from typing import Any, NoReturn

import click

from planner.cli.app import planner
from planner.errors import ScenarioError

COLLECT_SELDOM = (400_000, 20, 20)  # imports allocate much and drop little: looking through it takes 20 ms
FINE, FAILED, UNUSABLE = 0, 1, 2
INTERRUPTED = 130  # what shells expect of a program that ctrl+c ended
DEBUG_VARIABLE = "PLANNER_DEBUG"


class NoPlugins(ModuleType):
    """Tells pydantic that it has no plugins: the search, and what it imports for that, take 35 ms."""

    asked = "pydantic.plugin._loader"
    get_plugins = tuple

    def __getattr__(self, name: str) -> Any:
        """Leave to pydantic's own module what a later version may ask besides."""
        if name.startswith("__"):
            raise AttributeError(name)
        sys.modules.pop(self.asked, None)
        return getattr(import_module(self.asked), name)


def main() -> NoReturn:
    """Run the command line that started this process."""
    sys.modules.setdefault(NoPlugins.asked, NoPlugins(NoPlugins.asked))
    gc.set_threshold(*COLLECT_SELDOM)
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    _leave(run(sys.argv[1:]))


def _leave(code: int) -> NoReturn:
    """End the process with all output written; taking the libraries down in order takes 50 ms, and does nothing."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (BrokenPipeError, ValueError):
            _forget_stdout()
    if "textual" in sys.modules:
        sys.exit(code)
    os._exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; errors go to stderr, never as a traceback."""
    try:
        return int(planner.main(args=list(arguments), prog_name="planner", standalone_mode=False) or FINE)
    except click.ClickException as error:
        error.show()
        return UNUSABLE
    except ScenarioError as error:
        _say(str(error))
        return UNUSABLE
    except (BrokenPipeError, SystemExit):  # click turns the one into the other
        _forget_stdout()
        return FINE
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except Exception as error:
        if os.environ.get(DEBUG_VARIABLE):
            raise
        _say(_unexpected(error))
        return FAILED


def _unexpected(error: Exception) -> str:
    from planner import __version__  # noqa: PLC0415 - only a fault asks for it
    from planner.files import inert  # noqa: PLC0415 - only a fault asks for it

    what = inert(f"{type(error).__name__}: {error}")[:300]
    return (
        f"planner {__version__} failed: {what}. This is a fault of the planner, not of your file; please report it "
        f"to the project's issues with the command and what {DEBUG_VARIABLE}=1 adds."
    )


def _say(text: str) -> None:
    with suppress(OSError):
        click.echo(text, err=True)


def _forget_stdout() -> None:
    """Let nothing more be written to a reader that is gone, not even at exit."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
